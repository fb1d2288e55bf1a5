// The two chats on a session's page: the one with the end user in one place, the technicians' own in another and in another colour.
import { useTranslation } from "react-i18next";

import type { Session } from "../api/types";
import { Panel } from "../parts/Page";
import { Conversation } from "./Conversation";
import classes from "./Conversation.module.css";
import { Unread } from "./Unread";

export function ChatPanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("chat.title_end_user")} actions={<Unread count={session.talk.unread} audience="end_user" />}>
      <div className={classes.panelBody}>
        <Conversation session={session} audience="end_user" />
      </div>
    </Panel>
  );
}

export function WhisperPanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("chat.title_technicians")} actions={<Unread count={session.talk.unread_whispers} audience="technicians" />} className={classes.whispers}>
      <div className={classes.panelBody}>
        <Conversation session={session} audience="technicians" />
      </div>
    </Panel>
  );
}
