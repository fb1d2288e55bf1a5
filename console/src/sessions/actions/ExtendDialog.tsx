// By how much to extend a session; each choice says until when the session lasts then.
import { Button, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { useNow } from "../../parts/clock";
import { moment, span } from "../../parts/moments";
import { extensions } from "./extend";
import { useSessionActions } from "./use-session-actions";

export function ExtendDialog({ session, close }: { session: Session; close: () => void }) {
  const { t, i18n } = useTranslation();
  const actions = useSessionActions(session);
  const [busy, setBusy] = useState<number | null>(null);
  const offered = extensions(session.expires_at, useNow());
  const extend = async (seconds: number) => {
    setBusy(seconds);
    const done = await actions.extend(seconds);
    setBusy(null);
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={t("actions.extend")} size="sm" closeButtonProps={{ "aria-label": t("common.close") }}>
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          {offered.length > 0 ? t("details.extendBy") : t("details.extendFull")}
        </Text>
        {offered.map(({ seconds, until }, index) => (
          <Button
            key={seconds}
            variant="default"
            fullWidth
            justify="space-between"
            loading={busy === seconds}
            disabled={busy !== null && busy !== seconds}
            rightSection={
              <Text span size="sm" c="dimmed">
                {t("details.extendUntil", { moment: moment(new Date(until).toISOString(), i18n.language) })}
              </Text>
            }
            onClick={() => void extend(seconds)}
            data-autofocus={index === 0 || undefined}
            data-testid={`extend-${seconds}`}
          >
            {span(seconds, i18n.language)}
          </Button>
        ))}
      </Stack>
    </Modal>
  );
}
