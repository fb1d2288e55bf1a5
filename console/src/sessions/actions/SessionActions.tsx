// The actions of one session: the next one as a button, the others in a menu. Only what the gateway lists is offered.
import { ActionIcon, Button, type ButtonProps } from "@mantine/core";
import { IconHandStop, IconLink, IconScreenShare, IconUserQuestion, IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { useMe } from "../../app/me";
import { useNow } from "../../parts/clock";
import { stopwatch } from "../../parts/moments";
import { ActionMenu } from "./ActionMenu";
import { AskChoice } from "./AskChoice";
import { primaryAction } from "./primary";
import classes from "./SessionActions.module.css";
import { useSessionActions } from "./use-session-actions";

export function SessionActions({ session, compact = false }: { session: Session; compact?: boolean }) {
  return (
    <div className={classes.actions} data-compact={compact || undefined}>
      <Primary session={session} compact={compact} />
      <ActionMenu session={session} askChoice={compact} />
    </div>
  );
}

function Primary({ session, compact }: { session: Session; compact: boolean }) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const [busy, setBusy] = useState(false);
  const press = (action: () => Promise<unknown>) => () => {
    setBusy(true);
    void action().finally(() => setBusy(false));
  };
  const size: ButtonProps = { size: compact ? "xs" : "sm" };

  switch (primaryAction(session)) {
    case "connect":
      return (
        <Button {...size} color="moss" component={Link} to={`/sessions/${session.id}/remote`} leftSection={<IconScreenShare size={16} />} data-testid="action-connect">
          {t("actions.connect")}
        </Button>
      );
    case "withdraw":
      return <Asking session={session} withdraw={press(actions.withdraw)} busy={busy} />;
    case "ask":
      return (
        <Button.Group>
          <Button {...size} variant={compact ? "light" : "filled"} loading={busy} leftSection={<IconUserQuestion size={16} />} onClick={press(() => actions.ask())} data-testid="action-ask">
            {t("actions.ask")}
          </Button>
          {!compact && <AskChoice ask={(rights) => press(() => actions.ask(rights))()} />}
        </Button.Group>
      );
    case "take":
      return (
        <Button {...size} variant={compact ? "light" : "filled"} loading={busy} leftSection={<IconHandStop size={16} />} onClick={press(actions.take)} data-testid="action-take">
          {t("actions.take")}
        </Button>
      );
    case "copy_link":
      return (
        <Button {...size} variant="default" loading={busy} leftSection={<IconLink size={16} />} onClick={press(actions.copyLink)} data-testid="action-copy_link">
          {t("actions.copy_link")}
        </Button>
      );
    case null:
      return null;
  }
}

/** While the end user decides: how long they still have, and the way to take the request back. */
function Asking({ session, withdraw, busy }: { session: Session; withdraw: () => void; busy: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const now = useNow();
  const mine = session.technicians.find((one) => one.id === me?.id);
  const left = mine?.asks_left_until ? stopwatch(Date.parse(mine.asks_left_until) - now) : "";
  return (
    <span className={classes.asking}>
      <IconUserQuestion size={16} aria-hidden className={classes.pulse} />
      <span>{t("actions.asking", { left })}</span>
      <ActionIcon variant="subtle" color="gray" size="sm" loading={busy} onClick={withdraw} aria-label={t("actions.withdraw")} title={t("actions.withdraw")} data-testid="action-withdraw">
        <IconX size={15} />
      </ActionIcon>
    </span>
  );
}
