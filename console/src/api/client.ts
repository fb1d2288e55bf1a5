// The typed client of the gateway's REST API: adds what every request needs and turns failures into ApiError.
import createClient from "openapi-fetch";

import i18n from "../texts";
import { ApiError } from "./errors";
import type { paths } from "./schema";

const SIGN_IN_PATH = "/api/v1/auth/sign-in";

let signedOut: () => void = () => {};

/** Called when the gateway says that this browser is no longer signed in. */
export function onSignedOut(callback: () => void) {
  signedOut = callback;
}

export const api = createClient<paths>({ fetch: (request) => fetch(request) });

api.use({
  onRequest({ request }) {
    // A header that no other site can add to a request: the gateway refuses changes without it.
    if (request.method !== "GET") request.headers.set("x-mayday", "1");
    request.headers.set("accept-language", i18n.language);
    return request;
  },
  onResponse({ request, response }) {
    if (response.status === 401 && new URL(request.url).pathname !== SIGN_IN_PATH) signedOut();
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's data; throws ApiError when there is none. */
export async function take<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch {
    throw ApiError.unreachable();
  }
  if (!settled.response.ok) throw ApiError.fromBody(settled.response.status, settled.error);
  return settled.data as T;
}
