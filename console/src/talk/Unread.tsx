// How many messages wait to be read, as a mark with words for who cannot see it.
import { useTranslation } from "react-i18next";

import type { ChatAudience, Session } from "../api/types";
import classes from "./Conversation.module.css";

export function Unread({ count, audience }: { count: number; audience: ChatAudience }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  const words = t(`chat.unread_${audience}`, { count });
  return (
    <span className={classes.unread} data-audience={audience} title={words} aria-label={words} role="img" data-testid={`unread-${audience}`}>
      {count > 99 ? "99+" : count}
    </span>
  );
}

/** Both marks of a session, for lists. */
export function UnreadMarks({ session }: { session: Session }) {
  return (
    <>
      <Unread count={session.talk.unread} audience="end_user" /> <Unread count={session.talk.unread_whispers} audience="technicians" />
    </>
  );
}
