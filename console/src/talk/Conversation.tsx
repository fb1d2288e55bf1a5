// A chat: what was said, what is on its way, and the field to write. The two chats look different on purpose, and the field says to
// whom it writes.
import { ActionIcon, Button, Loader, Textarea } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { IconAlertTriangle, IconEyeOff, IconSend2 } from "@tabler/icons-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";

import type { ChatAudience, ChatMessage, Session } from "../api/types";
import { useMe } from "../app/me";
import { useDraft } from "../parts/draft";
import { Failed } from "../parts/Failed";
import { fullMoment, moment } from "../parts/moments";
import classes from "./Conversation.module.css";
import type { Outgoing } from "./outbox";
import { useConversation, useReading } from "./use-conversation";

const TEXT_MAX = 2000;
/** Near enough to the end to count as reading along. */
const AT_END_PX = 60;

export function Conversation({ session, audience }: { session: Session; audience: ChatAudience }) {
  const { t } = useTranslation();
  const chat = useConversation(session, audience);
  const { messages, going } = chat;
  const newest = messages.at(-1)?.number ?? 0;
  const { ref: sight, inViewport } = useInViewport<HTMLDivElement>();
  useReading(session, audience, newest, inViewport);
  const list = useScrollToEnd(newest + going.length);
  const mayWrite = session.actions.includes(audience === "end_user" ? "chat" : "whisper");

  return (
    <div ref={sight} className={classes.chat} data-audience={audience} data-testid={`chat-${audience}`}>
      <div ref={list} className={classes.list} role="log" aria-live="polite" aria-label={t(`chat.log_${audience}`)} tabIndex={0}>
        {chat.isPending && <Loader size="sm" aria-label={t("common.loading")} />}
        {chat.error && messages.length === 0 && <Failed error={chat.error} retry={chat.reload} />}
        {chat.hasOlder && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => void chat.older()}>
            {t("chat.older")}
          </Button>
        )}
        {!chat.isPending && !chat.error && messages.length + going.length === 0 && <p className={classes.none}>{t(`chat.none_${audience}`)}</p>}
        {messages.map((message, index) => (
          <Message key={message.number} message={message} before={messages[index - 1]} session={session} audience={audience} isLast={index === messages.length - 1} />
        ))}
        {going.map((one) => (
          <OnItsWay key={one.clientId} one={one} again={() => chat.again(one.clientId)} giveUp={() => chat.giveUp(one.clientId)} />
        ))}
      </div>
      {mayWrite ? <Composer session={session} audience={audience} write={chat.write} /> : <p className={classes.closed}>{t(`chat.${whyNot(session, audience)}`)}</p>}
    </div>
  );
}

function whyNot(session: Session, audience: ChatAudience): "over" | "notYours" | "mayNot" {
  if (session.status === "closed" || session.status === "expired") return "over";
  return audience === "end_user" ? "notYours" : "mayNot";
}

/** Stays at the end while the reader is there, and leaves them alone while they read further up. */
function useScrollToEnd(count: number) {
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const look = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
    };
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, []);
  useEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [count]);
  return list;
}

interface MessageProps {
  message: ChatMessage;
  before: ChatMessage | undefined;
  session: Session;
  audience: ChatAudience;
  isLast: boolean;
}

function Message({ message, before, session, audience, isLast }: MessageProps) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const own = message.author !== null && message.author.id === me?.id;
  const isSamePerson = before !== undefined && before.author?.id === message.author?.id;
  const name = message.author === null ? session.device?.user_name || t("chat.endUser") : message.author.name;
  return (
    <div className={classes.message} data-own={own || undefined} data-end-user={message.author === null || undefined}>
      <span className={isSamePerson || own ? classes.spoken : classes.author}>{own ? t("chat.you") : name}</span>
      <div className={classes.bubble} title={fullMoment(message.at, i18n.language)}>
        {message.text}
      </div>
      <span className={classes.under}>
        <time dateTime={message.at}>{moment(message.at, i18n.language)}</time>
        {isLast && audience === "end_user" && message.author !== null && <> · {t(`chat.${arrival(message, session)}`)}</>}
      </span>
    </div>
  );
}

function arrival(message: ChatMessage, session: Session): "read" | "delivered" | "waits" | "sent" {
  if (session.talk.read >= message.number) return "read";
  if (session.talk.delivered >= message.number) return "delivered";
  return session.sub_state.agent === "here" ? "sent" : "waits";
}

function OnItsWay({ one, again, giveUp }: { one: Outgoing; again: () => void; giveUp: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.message} data-own data-going>
      <div className={classes.bubble}>{one.text}</div>
      {one.refused === null ? (
        <span className={classes.under}>{t("chat.sending")}</span>
      ) : (
        <span className={classes.refused} role="alert">
          <IconAlertTriangle size={14} aria-hidden /> {one.refused}
          <Button size="compact-xs" variant="light" color="brick" onClick={again}>
            {t("chat.again")}
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={giveUp}>
            {t("chat.giveUp")}
          </Button>
        </span>
      )}
    </div>
  );
}

interface ComposerProps {
  session: Session;
  audience: ChatAudience;
  write: (text: string) => void;
}

function Composer({ session, audience, write }: ComposerProps) {
  const { t } = useTranslation();
  const draft = useDraft(`chat:${audience}:${session.id}`, "");
  const [focused, setFocused] = useState(false);
  const text = draft.value.trim();
  const submit = () => {
    if (!text) return;
    write(text);
    draft.discard();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  const to = audience === "end_user" ? t("chat.toEndUser", { name: session.device?.user_name || t("chat.endUser") }) : t("chat.toTechnicians");
  return (
    <form
      className={classes.composer}
      data-focused={focused || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <span className={classes.to} id={`to-${audience}`}>
        {audience === "technicians" && <IconEyeOff size={14} aria-hidden />}
        {to}
      </span>
      <div className={classes.write}>
        <Textarea
          className={classes.field}
          variant="unstyled"
          autosize
          minRows={1}
          maxRows={6}
          maxLength={TEXT_MAX}
          placeholder={t(`chat.write_${audience}`)}
          aria-label={t(`chat.write_${audience}`)}
          aria-describedby={`to-${audience}`}
          value={draft.value}
          onChange={(event) => draft.write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          data-testid={`chat-write-${audience}`}
        />
        <ActionIcon type="submit" size={34} variant="filled" color={audience === "technicians" ? "plum" : undefined} disabled={!text} aria-label={t(`chat.send_${audience}`)} data-testid={`chat-send-${audience}`}>
          <IconSend2 size={18} />
        </ActionIcon>
      </div>
      {draft.value.length > TEXT_MAX - 200 && <span className={classes.left}>{t("chat.left", { count: TEXT_MAX - draft.value.length })}</span>}
    </form>
  );
}
