// Tells the technician what happened in their sessions while they look elsewhere: the end user started, allowed, rejected, paused, stopped, left.
import { Button } from "@mantine/core";
import { notifications, type NotificationData } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck, IconDeviceDesktop, IconEye, IconHandOff, IconHandStop, IconHourglassEmpty, IconMessage, IconPlayerPause, IconPlayerPlay, IconPlugConnectedX } from "@tabler/icons-react";
import type { QueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { meQuery, sessionQuery } from "../api/queries";
import type { ChatNews, Session } from "../api/types";
import { entersQueue } from "../notify/enters-queue";
import { tell } from "../notify/tell";
import i18n from "../texts";
import { changeFor, type Change } from "./change";
import { knownSession } from "./known";

const LOOKS: Record<Change, Partial<NotificationData>> = {
  started: { color: "petrol", icon: <IconDeviceDesktop size={18} /> },
  granted: { color: "moss", icon: <IconCheck size={18} /> },
  rejected: { color: "brick", icon: <IconHandOff size={18} /> },
  unanswered: { color: "gray", icon: <IconHourglassEmpty size={18} /> },
  paused: { color: "ember", icon: <IconPlayerPause size={18} /> },
  resumed: { color: "moss", icon: <IconPlayerPlay size={18} /> },
  lowered: { color: "ember", icon: <IconEye size={18} /> },
  stopped: { color: "ember", icon: <IconHandStop size={18} /> },
  left: { color: "gray", icon: <IconDeviceDesktop size={18} /> },
  lost: { color: "gray", icon: <IconPlugConnectedX size={18} /> },
};
const SHOWN_MS = 8000;
const EXCERPT = 140;

/** Call before the event is applied: it compares with what was known. */
export function announceChange(client: QueryClient, session: Session) {
  const me = client.getQueryData(meQuery.queryKey)?.id;
  const before = knownSession(client, session.id);
  const change = me && before ? changeFor(me, before, session) : null;
  // In the remote view the technician sees it happen.
  if (!change || location.pathname.endsWith(`/sessions/${session.id}/remote`)) return;
  const id = `session:${session.id}`;
  notifications.hide(id);
  notifications.show({
    id,
    autoClose: SHOWN_MS,
    title: session.name,
    message: change === "granted" ? <Granted session={session} close={() => notifications.hide(id)} /> : i18n.t(`announce.${change}`),
    ...LOOKS[change],
  });
}

function Granted({ session, close }: { session: Session; close: () => void }) {
  const rights = session.sub_state.rights ?? "view";
  return (
    <>
      <div>{i18n.t(`announce.granted_${rights}`)}</div>
      <Button size="compact-sm" mt={6} color="moss" component={Link} to={`/sessions/${session.id}/remote`} onClick={close}>
        {i18n.t("actions.connect")}
      </Button>
    </>
  );
}

/** Call before the event is applied. Says on the desktop that somebody came into a queue that I may take from. */
export function announceQueue(client: QueryClient, session: Session, open: (id: string) => void) {
  const me = client.getQueryData(meQuery.queryKey)?.id;
  if (!me || !entersQueue(knownSession(client, session.id), session, me, Date.now())) return;
  const text = i18n.t("notify.entered", { name: session.name, channel: session.channel.name });
  void tell(me, { title: i18n.t("status.in_queue"), text, session: session.id }, open);
}

export function announceAlert(client: QueryClient, alert: { kind: string; session_id: string | null }) {
  const name = alert.session_id ? (client.getQueryData(sessionQuery(alert.session_id).queryKey) ?? knownSession(client, alert.session_id))?.name : undefined;
  const message = alert.kind === "not_me" ? i18n.t("announce.notMe", { name: name ?? "–" }) : i18n.t("announce.pinsLocked");
  notifications.show({ id: `alert:${alert.kind}:${alert.session_id}`, color: "ember", icon: <IconAlertTriangle size={18} />, title: i18n.t("announce.attention"), message, autoClose: false, role: "alert" });
}

/** Somebody wrote in one of my sessions while I look elsewhere. */
export function announceMessage(client: QueryClient, { session_id, audience, message }: ChatNews) {
  const me = client.getQueryData(meQuery.queryKey)?.id;
  const session = client.getQueryData(sessionQuery(session_id).queryKey) ?? knownSession(client, session_id);
  const isMine = session?.technicians.some((one) => one.id === me) ?? false;
  if (!session || !isMine || message.author?.id === me || location.pathname.includes(`/sessions/${session_id}`)) return;
  const from = message.author?.name ?? i18n.t("chat.endUser");
  const id = `chat:${session_id}:${audience}`;
  const close = () => notifications.hide(id);
  notifications.hide(id);
  notifications.show({
    id,
    autoClose: SHOWN_MS,
    color: audience === "technicians" ? "plum" : "ember",
    icon: <IconMessage size={18} />,
    title: i18n.t(`chat.news_${audience}`, { name: from, session: session.name }),
    message: <Excerpt text={message.text} to={session_id} close={close} />,
  });
}

function Excerpt({ text, to, close }: { text: string; to: string; close: () => void }) {
  return (
    <>
      <div style={{ overflowWrap: "anywhere", unicodeBidi: "plaintext" }}>{text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text}</div>
      <Button size="compact-sm" mt={6} variant="light" component={Link} to={`/sessions/${to}`} onClick={close}>
        {i18n.t("chat.reply")}
      </Button>
    </>
  );
}
