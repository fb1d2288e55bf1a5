// Status and sub-state of a session, as the list and the session page show them.
import { useTranslation } from "react-i18next";

import type { Session, Status } from "../api/types";
import { useNow } from "../parts/clock";
import { STATUS_LOOKS } from "./status";
import classes from "./StatusBadge.module.css";
import { subStateWords } from "./sub-state";

export function StatusBadge({ status }: { status: Status }) {
  const { t } = useTranslation();
  const { icon: Icon, tone } = STATUS_LOOKS[status];
  return (
    <span className={classes.badge} data-tone={tone}>
      <Icon size={14} aria-hidden />
      {t(`status.${status}`)}
    </span>
  );
}

/** The sub-state in words, ticking while the end user is being asked. */
export function SubState({ session }: { session: Session }) {
  const { t } = useTranslation();
  const words = subStateWords(session, useNow());
  if (!words) return null;
  return (
    <span className={classes.sub} data-kind={session.sub_state.kind}>
      {t(`subState.${words.key}`, { count: words.count, left: words.left })}
    </span>
  );
}
