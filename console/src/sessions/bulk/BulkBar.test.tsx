// @vitest-environment happy-dom
// Choosing several sessions in a list and closing them: one confirmation, and what was refused stays visible with its reason.
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { meQuery, sessionsQuery } from "../../api/queries";
import { makeQueryClient } from "../../app/cache";
import { soon } from "../../parts/soon";
import { speak } from "../../texts";
import { SessionList } from "../list/SessionList";
import type { ListView } from "../list/view";
import { sampleSession } from "../sample";

const VIEW: ListView = { channel: "10", status: "open", q: "", sort: "created" };
const sessions = ["1", "2", "3"].map((id) => sampleSession({ id, name: `Session ${id}`, actions: id === "3" ? [] : ["close"] }));

let root: Root;
let closed: string[];

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  closed = [];
  vi.stubGlobal("fetch", (request: Request) => {
    const id = /sessions\/(\d+)\/close$/.exec(new URL(request.url, "http://here").pathname)?.[1];
    if (!id) return Promise.reject(new Error("not asked for in this test"));
    closed.push(id);
    const refused = id === "2";
    const body = refused ? { code: "not_yours", message: "this session is not assigned to you" } : { ...sessions[0], id, status: "closed" };
    return Promise.resolve(new Response(JSON.stringify(body), { status: refused ? 403 : 200, headers: { "content-type": "application/json" } }));
  });
  await speak("en");
  const client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, { id: "7", name: "Ines", email: "ines@example.com", role: "owner", permissions: [], language: null });
  client.setQueryData(sessionsQuery(VIEW).queryKey, { pages: [{ items: sessions, next_cursor: null, total: 3 }], pageParams: [undefined] });
  const page = createRootRoute({ component: () => <SessionList channel="10" kind="channel" /> });
  const router = createRouter({ routeTree: page, history: createMemoryHistory() });
  await router.load();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <MantineProvider env="test">
          <RouterProvider router={router as never} />
        </MantineProvider>
      </QueryClientProvider>,
    ),
  );
});

afterEach(async () => {
  await act(async () => root.unmount());
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

const find = (selector: string) => document.querySelector<HTMLElement>(selector);
const press = (selector: string) => act(async () => find(selector)?.click());

describe("several sessions at once", () => {
  it("are closed after one confirmation, and a refusal says why", async () => {
    expect(find('[data-testid="bulk-bar"]')).toBeNull();
    await press('[aria-label="Choose all shown"]');
    expect(find('[data-testid="bulk-bar"]')?.textContent).toContain("3 chosen");
    await press('[data-testid="bulk-close"]');
    expect(document.body.textContent).toContain("Close 2 sessions?");
    expect(document.body.textContent).toContain("1 chosen session does not allow it");
    expect(closed).toEqual([]);
    await press('[data-testid="confirm"]');
    await soon(() => expect(document.body.textContent).toContain("Done: 1. Refused: 1."));
    expect(closed.sort()).toEqual(["1", "2"]);
    expect(document.body.textContent).toContain("Session 2");
  });
});
