// One chat as its panel needs it: what was said, what is on its way, sending that does not give up, and reading that the gateway hears.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { ApiError } from "../api/errors";
import type { ChatAudience, Session } from "../api/types";
import { useStreamState } from "../live/LiveProvider";
import { sentence } from "../parts/notices";
import { addMessage, chatQuery, loadOlder, markRead, send } from "./messages";
import { Outbox, pauseAfter, type Outgoing } from "./outbox";

export function useConversation(session: Session, audience: ChatAudience) {
  const client = useQueryClient();
  const page = useQuery(chatQuery(session.id, audience));
  const outbox = useMemo(() => new Outbox(`${session.id}:${audience}`, sessionStorage), [session.id, audience]);
  const [going, setGoing] = useState<Outgoing[]>(() => outbox.all());
  useSending(outbox, going, setGoing, session.id, audience);
  const messages = useMemo(() => page.data?.messages ?? [], [page.data]);

  const write = useCallback((text: string) => setGoing(outbox.add(text, crypto.randomUUID(), Date.now())), [outbox]);
  const older = useCallback(async () => {
    const first = messages[0];
    if (first) await loadOlder(client, session.id, audience, first.number);
  }, [client, messages, session.id, audience]);

  return {
    messages,
    // What has arrived and is still in the outbox is shown once.
    going: going.filter((one) => !messages.some((message) => message.client_id === one.clientId)),
    isPending: page.isPending,
    error: page.error,
    reload: () => void page.refetch(),
    hasOlder: page.data?.more ?? false,
    older,
    write,
    again: (clientId: string) => setGoing(outbox.again(clientId)),
    giveUp: (clientId: string) => setGoing(outbox.remove(clientId)),
  };
}

/** Sends one after the other, in order; a failure waits and tries again with the same client id. */
function useSending(outbox: Outbox, going: Outgoing[], setGoing: (going: Outgoing[]) => void, id: string, audience: ChatAudience) {
  const client = useQueryClient();
  const stream = useStreamState();
  const [tries, setTries] = useState(0);
  const busy = useRef(false);
  const next = going.find((one) => one.refused === null);
  useEffect(() => {
    if (!next || busy.current) return undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    busy.current = true;
    const attempt = async () => {
      try {
        const message = await send(id, audience, next.clientId, next.text);
        addMessage(client, id, audience, message);
        busy.current = false;
        setTries(0);
        setGoing(outbox.remove(next.clientId));
      } catch (error) {
        const pause = pauseAfter(error instanceof ApiError ? error.status : 0, tries);
        if (pause === null) {
          busy.current = false;
          setGoing(outbox.refuse(next.clientId, sentence(error)));
        } else {
          timer = setTimeout(() => {
            busy.current = false;
            setTries(tries + 1);
          }, pause);
        }
      }
    };
    void attempt();
    return () => {
      // A new connection need not wait for the end of the pause.
      if (timer === undefined) return;
      clearTimeout(timer);
      busy.current = false;
    };
  }, [next, tries, stream, client, id, audience, outbox, setGoing]);
}

/** Tells the gateway that I have read so far, while the panel is in sight. */
export function useReading(session: Session, audience: ChatAudience, newest: number, isSeen: boolean) {
  const unread = audience === "end_user" ? session.talk.unread : session.talk.unread_whispers;
  const [visible, setVisible] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setVisible(document.visibilityState === "visible" && document.hasFocus());
    const events = ["focus", "blur", "visibilitychange"] as const;
    look();
    for (const event of events) window.addEventListener(event, look);
    return () => {
      for (const event of events) window.removeEventListener(event, look);
    };
  }, []);
  useEffect(() => {
    if (unread === 0 || newest === 0 || !visible || !isSeen) return;
    // Not read is no loss: the next message tries again.
    void markRead(session.id, audience, newest).catch(() => undefined);
  }, [session.id, audience, newest, unread, visible, isSeen]);
}
