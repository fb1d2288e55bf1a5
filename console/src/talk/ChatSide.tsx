// The chats beside the remote picture. Which of the two is open is said by its tab, its colour and the field's own words.
import { IconEyeOff, IconMessage } from "@tabler/icons-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import type { ChatAudience, Session } from "../api/types";
import { Conversation } from "./Conversation";
import classes from "./Conversation.module.css";
import { Unread } from "./Unread";

const AUDIENCES: ChatAudience[] = ["end_user", "technicians"];

export function ChatSide({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [audience, setAudience] = useState<ChatAudience>("end_user");
  const tabs = useRef<HTMLDivElement>(null);
  const unread = { end_user: session.talk.unread, technicians: session.talk.unread_whispers };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = audience === "end_user" ? "technicians" : "end_user";
    setAudience(other);
    tabs.current?.querySelector<HTMLElement>(`[data-audience="${other}"]`)?.focus();
  };
  return (
    <aside className={classes.side} aria-label={t("chat.side")} data-testid="remote-chat">
      <div ref={tabs} className={classes.tabs} role="tablist" aria-label={t("chat.side")} onKeyDown={onKeyDown}>
        {AUDIENCES.map((one) => (
          <button key={one} type="button" role="tab" aria-selected={one === audience} tabIndex={one === audience ? 0 : -1} data-audience={one} className={classes.tab} onClick={() => setAudience(one)}>
            {one === "end_user" ? <IconMessage size={16} aria-hidden /> : <IconEyeOff size={16} aria-hidden />}
            {t(`chat.tab_${one}`)}
            {one !== audience && <Unread count={unread[one]} audience={one} />}
          </button>
        ))}
      </div>
      <div className={classes.sideBody} role="tabpanel" aria-label={t(`chat.title_${audience}`)} data-audience={audience}>
        <Conversation key={audience} session={session} audience={audience} />
      </div>
    </aside>
  );
}
