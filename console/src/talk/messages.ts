// The messages of a chat in the query cache: pages from the gateway, and what the live stream brings. Pure but for the requests.
import type { QueryClient } from "@tanstack/react-query";
import { queryOptions } from "@tanstack/react-query";

import { api, take } from "../api/client";
import type { ChatAudience, ChatMessage, ChatNews, ChatPage } from "../api/types";

/** Each chat has an address of its own: nothing goes to the wrong one by a field. */
const ROUTES = {
  end_user: { list: "/api/v1/sessions/{id}/chat", read: "/api/v1/sessions/{id}/chat/read" },
  technicians: { list: "/api/v1/sessions/{id}/whispers", read: "/api/v1/sessions/{id}/whispers/read" },
} as const;

const at = (id: string) => ({ params: { path: { id } } });

export const chatQuery = (id: string, audience: ChatAudience) =>
  queryOptions({
    queryKey: ["chat", id, audience],
    queryFn: async ({ client, queryKey }): Promise<ChatPage> => {
      const page = await take(api.GET(ROUTES[audience].list, at(id)));
      // What the stream brought while the answer was on its way stays.
      const known = client.getQueryData<ChatPage>(queryKey);
      return known ? { ...page, messages: merged(page.messages, known.messages) } : page;
    },
  });

export const send = (id: string, audience: ChatAudience, clientId: string, text: string) =>
  take(api.POST(ROUTES[audience].list, { ...at(id), body: { client_id: clientId, text } }));

export const markRead = (id: string, audience: ChatAudience, upto: number) => take(api.POST(ROUTES[audience].read, { ...at(id), body: { upto } }));

export async function loadOlder(client: QueryClient, id: string, audience: ChatAudience, before: number) {
  const older = await take(api.GET(ROUTES[audience].list, { params: { path: { id }, query: { before } } }));
  client.setQueryData(chatQuery(id, audience).queryKey, (page) => page && { more: older.more, messages: merged(older.messages, page.messages) });
}

export function applyChat(client: QueryClient, news: ChatNews) {
  addMessage(client, news.session_id, news.audience, news.message);
}

export function addMessage(client: QueryClient, id: string, audience: ChatAudience, message: ChatMessage) {
  client.setQueryData(chatQuery(id, audience).queryKey, (page) => page && { ...page, messages: merged(page.messages, [message]) });
}

/** Both, each message once, in the order of their numbers. */
export function merged(one: ChatMessage[], other: ChatMessage[]): ChatMessage[] {
  const byNumber = new Map([...one, ...other].map((message) => [message.number, message]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number);
}
