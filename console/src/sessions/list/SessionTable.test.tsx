// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { meQuery, sessionsQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { makeQueryClient } from "../../app/cache";
import { applySession, applySessionGone } from "../../live/apply";
import { speak } from "../../texts";
import { sampleSession } from "../sample";
import { SessionList } from "./SessionList";
import type { ListView } from "./view";

const VIEW: ListView = { channel: "10", status: "open", q: "", sort: "created" };
const ME = { id: "7", name: "Ines Hartmann", email: "ines@example.com", role: "owner", permissions: [], language: null } as const;

let client: QueryClient;
let root: Root;

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal("fetch", () => Promise.reject(new Error("a test asks nobody")));
  await speak("en");
  client = makeQueryClient();
  client.setQueryData(meQuery.queryKey, { ...ME, permissions: [] });
  client.setQueryData(sessionsQuery(VIEW).queryKey, { pages: [{ items: [sampleSession({ actions: ["copy_link", "close"] })], next_cursor: null, total: 1 }], pageParams: [undefined] });
  const page = createRootRoute({ component: () => <SessionList channel="10" kind="channel" /> });
  const router = createRouter({ routeTree: page, history: createMemoryHistory() });
  await router.load();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <MantineProvider env="test">
          {/* Only this test's one route exists, not the console's own. */}
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

const row = (id = "1") => document.querySelector(`[data-testid="session-row-${id}"]`);
const active = (changes: Partial<Session>): Session => {
  const base = sampleSession({ status: "active", actions: ["ask", "copy_link", "close"], waiting_since: null });
  return { ...base, sub_state: { ...base.sub_state, kind: "ready", agent: "here" }, ...changes };
};

describe("the session list", () => {
  it("says status and sub-state in words", () => {
    expect(row()?.textContent).toContain("Waiting");
    expect(row()?.textContent).toContain("Offline");
    expect(row()?.querySelector('[data-testid="action-copy_link"]')).not.toBeNull();
  });

  it("shows a live event, and its icon turns from asking to connecting", async () => {
    await act(async () => applySession(client, active({})));
    expect(row()?.getAttribute("data-status")).toBe("active");
    expect(row()?.querySelector('[data-testid="action-ask"]')?.textContent).toBe("Start remote session");

    const granted = active({ actions: ["connect", "close"] });
    await act(async () => applySession(client, { ...granted, sub_state: { ...granted.sub_state, kind: "granted", rights: "control" } }));
    expect(row()?.textContent).toContain("Granted: control");
    expect(row()?.querySelector('[data-testid="action-connect"]')?.getAttribute("href")).toBe("/sessions/1/remote");
    expect(row()?.querySelector('[data-testid="action-ask"]')).toBeNull();
  });

  it("adds a session that appears, and says what to do when the last one goes", async () => {
    await act(async () => applySession(client, sampleSession({ id: "2", name: "Herr Keller" })));
    expect(row("2")?.textContent).toContain("Herr Keller");
    await act(async () => {
      applySessionGone(client, "1");
      applySessionGone(client, "2");
    });
    expect(row()).toBeNull();
    expect(document.body.textContent).toContain("No open sessions in this channel");
  });

  it("shows what others typed as text, never as markup", async () => {
    await act(async () => applySession(client, sampleSession({ name: "<img src=x onerror=alert(1)>" })));
    expect(row()?.querySelector("img")).toBeNull();
    expect(row()?.textContent).toContain("<img src=x onerror=alert(1)>");
  });
});
