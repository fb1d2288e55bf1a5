// A session's remote screen, as large as its parent. Owns the client's life: one per session and mount.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { api, take } from "../../api/client";
import { ApiError } from "../../api/errors";
import { meQuery, sessionQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { RemoteClient, type TicketOffer } from "../client/client";
import type { Phase } from "../client/snapshot";
import { publishStatistics } from "./publish";
import { Remote } from "./Remote";
import { situationOf } from "./situation";

/** No connection is possible now: not granted (any more), not mine, not there. */
const NOT_NOW = [403, 404, 409];
/** After the gateway said so although the list says otherwise: the two agree in a moment. */
const ASK_AGAIN_MS = 1500;

async function requestOffer(id: string): Promise<TicketOffer | null> {
  try {
    const answer = await take(api.POST("/api/v1/sessions/{id}/connect", { params: { path: { id } } }));
    return {
      ticket: answer.ticket,
      webTransportUrl: answer.webtransport_url,
      certificateHashes: answer.certificate_hashes,
      webSocketUrl: answer.websocket_url,
    };
  } catch (error) {
    if (error instanceof ApiError && NOT_NOW.includes(error.status)) return null;
    throw error;
  }
}

export function RemoteView({ sessionId }: { sessionId: string }) {
  const [client, setClient] = useState<RemoteClient | null>(null);
  const query = useQuery(sessionQuery(sessionId));
  const isGone = query.error instanceof ApiError && NOT_NOW.includes(query.error.status);
  useEffect(() => {
    const created = new RemoteClient(() => requestOffer(sessionId));
    setClient(created);
    return () => created.dispose();
  }, [sessionId]);
  return client && <Connected key={sessionId} client={client} session={query.data} isGone={isGone} />;
}

interface ConnectedProps {
  client: RemoteClient;
  session: Session | undefined;
  isGone: boolean;
}

function Connected({ client, session, isGone }: ConnectedProps) {
  const snapshot = useSyncExternalStore(client.subscribe, client.snapshot);
  const me = useQuery(meQuery).data?.id;
  const situation = situationOf(snapshot, isGone ? "gone" : session, me);
  useStart(client, snapshot.phase, session?.actions.includes("connect") ?? false);
  useEffect(() => publishStatistics(client, situation), [client, situation]);
  return <Remote client={client} snapshot={snapshot} session={session} me={me} situation={situation} />;
}

/** Connects as soon as that is possible, and again after a new grant. */
function useStart(client: RemoteClient, phase: Phase, canConnect: boolean) {
  const wasTurnedAway = useRef(false);
  const isWaiting = phase.kind === "idle" || (phase.kind === "ended" && phase.reason === "removed");
  useEffect(() => {
    if (!canConnect || !isWaiting) return undefined;
    const timer = setTimeout(() => client.start(), wasTurnedAway.current ? ASK_AGAIN_MS : 0);
    wasTurnedAway.current = true;
    return () => clearTimeout(timer);
  }, [client, canConnect, isWaiting]);
  useEffect(() => {
    if (phase.kind === "joined") wasTurnedAway.current = false;
  }, [phase.kind]);
}
