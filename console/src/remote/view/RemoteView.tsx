// A session's remote screen, as large as its parent. Owns the client's life: one per session and mount.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";

import { api, take } from "../../api/client";
import { meQuery, sessionQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { RemoteClient, type TicketOffer } from "../client/client";
import { publishStatistics } from "./publish";
import { Remote } from "./Remote";
import { situationOf } from "./situation";

async function requestOffer(id: string): Promise<TicketOffer> {
  const answer = await take(api.POST("/api/v1/sessions/{id}/connect", { params: { path: { id } } }));
  return {
    ticket: answer.ticket,
    webTransportUrl: answer.webtransport_url,
    certificateHashes: answer.certificate_hashes,
    webSocketUrl: answer.websocket_url,
  };
}

export function RemoteView({ sessionId }: { sessionId: string }) {
  const [client, setClient] = useState<RemoteClient | null>(null);
  const session = useQuery(sessionQuery(sessionId)).data;
  useEffect(() => {
    const created = new RemoteClient(() => requestOffer(sessionId));
    setClient(created);
    return () => created.dispose();
  }, [sessionId]);
  return client && <Connected key={sessionId} client={client} session={session} />;
}

function Connected({ client, session }: { client: RemoteClient; session: Session | undefined }) {
  const snapshot = useSyncExternalStore(client.subscribe, client.snapshot);
  const me = useQuery(meQuery).data?.id;
  const situation = situationOf(snapshot, session, me);
  const canConnect = session?.actions.includes("connect") ?? false;
  useEffect(() => {
    if (canConnect) client.start();
  }, [client, canConnect]);
  useEffect(() => publishStatistics(client, situation), [client, situation]);
  return <Remote client={client} snapshot={snapshot} session={session} me={me} situation={situation} />;
}
