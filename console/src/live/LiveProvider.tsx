// Connects the event stream with the query cache while somebody is signed in, and tells the rest of the console how it is doing.
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { createContext, useContext, useEffect, useState, type ReactNode } from "react";

import { channelsQuery, groupsQuery, meQuery, notesQuery, signInsQuery, techniciansQuery } from "../api/queries";
import type { Channel, ChatNews, Session, Technician } from "../api/types";
import { applyChat } from "../talk/messages";
import { announceAlert, announceChange, announceMessage, announceQueue } from "./announce";
import { applyChannel, applyChannelGone, applySession, applySessionGone, applyTechnician } from "./apply";
import { openStream } from "./shared-stream";
import type { StreamKind, StreamState } from "./stream";

const StateContext = createContext<StreamState>("connecting");
const RECOUNT_MS = 400;

export const useStreamState = () => useContext(StateContext);

export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const router = useRouter();
  const [state, setState] = useState<StreamState>("connecting");

  useEffect(() => {
    const recount = debounced(() => void client.invalidateQueries({ queryKey: channelsQuery.queryKey }), RECOUNT_MS);
    const open = (id: string) => void router.navigate({ to: "/sessions/$id", params: { id } });
    const stream = openStream("/api/v1/events", {
      state: (next) => {
        setState(next);
        if (next === "lost") askWhy(client);
      },
      event: (kind, data) => receive({ client, recount, open }, kind, data),
    });
    return () => stream.close();
  }, [client, router]);

  return <StateContext value={state}>{children}</StateContext>;
}

interface Receiver {
  client: QueryClient;
  recount: () => void;
  /** Goes to a session's page. */
  open: (session: string) => void;
}

function receive({ client, recount, open }: Receiver, kind: StreamKind, data: unknown) {
  switch (kind) {
    case "hello":
    // What I see or may do has changed.
    case "access":
      return void client.invalidateQueries();
    case "session": {
      const session = data as Session;
      announceChange(client, session);
      announceQueue(client, session, open);
      applySession(client, session);
      return recount();
    }
    case "session_gone":
      applySessionGone(client, (data as { id: string }).id);
      return recount();
    case "channel":
      return applyChannel(client, data as Channel);
    case "channel_gone":
      return applyChannelGone(client, (data as { id: string }).id);
    case "technician":
      return receiveTechnician(client, data as Technician);
    case "groups":
      return void client.invalidateQueries({ queryKey: groupsQuery.queryKey });
    case "settings":
      return void client.invalidateQueries({ predicate: ({ queryKey: [first] }) => first === "system" || first === "settings" || first === "system-state" });
    case "sign_ins":
      return void client.invalidateQueries({ queryKey: signInsQuery.queryKey });
    case "technician_gone":
      return void client.invalidateQueries({ queryKey: techniciansQuery.queryKey });
    case "chat":
      return receiveChat(client, data as ChatNews);
    case "notes": {
      const { id } = data as { id: string };
      return void client.invalidateQueries({ queryKey: notesQuery(id).queryKey });
    }
    case "alert":
      return announceAlert(client, data as { kind: string; session_id: string | null });
  }
}

function receiveChat(client: QueryClient, news: ChatNews) {
  announceMessage(client, news);
  applyChat(client, news);
}

// The stream itself cannot say why it ended. An ordinary request can: if the sign-in is over, it leads to the sign-in page.
function askWhy(client: QueryClient) {
  void client.refetchQueries({ queryKey: meQuery.queryKey });
}

function receiveTechnician(client: QueryClient, technician: Technician) {
  applyTechnician(client, technician);
  // My own name, role or permissions may have changed.
  if (client.getQueryData(meQuery.queryKey)?.id === technician.id) void client.invalidateQueries({ queryKey: meQuery.queryKey });
}

function debounced(action: () => void, pause: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, pause);
  };
}
