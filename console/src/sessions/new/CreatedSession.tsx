// A session was created: its link and PIN, and whether the end user has already started.
import { Button, Group, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { sessionQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { SessionActions } from "../actions/SessionActions";
import { NextStep } from "../details/NextStep";
import { InvitePanel } from "../invite/InvitePanel";

export function CreatedSession({ session, close }: { session: Session; close: () => void }) {
  const { t } = useTranslation();
  const live = useQuery(sessionQuery(session.id)).data ?? session;
  return (
    <Stack gap="lg">
      <InvitePanel sessionId={session.id} />
      <NextStep session={live} />
      <Group justify="flex-end">
        {live.sub_state.agent === "here" && <SessionActions session={live} />}
        <Button variant="default" component={Link} to={`/sessions/${session.id}`} onClick={close}>
          {t("created.open")}
        </Button>
        <Button onClick={close} data-autofocus data-testid="new-session-close">
          {t("created.done")}
        </Button>
      </Group>
    </Stack>
  );
}
