// @vitest-environment happy-dom
// The gateway's settings: only what was changed is sent, a field that somebody else changed meanwhile is for me to decide, leaving asks.
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { meQuery, settingsQuery, systemStateQuery } from "../api/queries";
import type { Me, Settings, SystemState } from "../api/types";
import { makeQueryClient } from "../app/cache";
import { soon } from "../parts/soon";
import { speak } from "../texts";
import { SettingsPage } from "./SettingsPage";

const SAVED: Settings = { organisation: "Harbour IT", sign_in_s: 604_800, expiration_s: 86_400, pin_valid_s: 900, default_rights: "control", verification: "off" };
const STATE: SystemState = {
  version: "0.1.0",
  started_at: "2026-11-21T22:00:00Z",
  public_url: "https://help.example.com",
  listens_on: "[::]:8443",
  loopback_url: null,
  metrics_url: null,
  pin: "a".repeat(52),
  certificate: { kind: "own", ends_at: "2027-12-01T00:00:00Z" },
  agent: { file: "mayday-sos", bytes: 13_500_000, prepared_at: "2026-11-21T22:00:00Z", fingerprint: "f".repeat(64), whole: false, organisation: null, gateway: null, gateway_version: null },
  data: { folder: "/var/lib/mayday", bytes: 20_000_000, database_bytes: 4_000_000 },
  audit: { records: 1200, hash: "0".repeat(64), signed_records: 1198, signed_at: "2026-11-21T22:00:00Z" },
  open_sessions: 3,
  technicians_online: 2,
};
const OWNER: Me = { id: "7", name: "Ines", email: "ines@example.com", role: "owner", permissions: ["system.manage"], language: null };

let root: Root;
let client: QueryClient;
let sent: unknown[];

async function show(me = OWNER) {
  client.setQueryData(meQuery.queryKey, me);
  const frame = createRootRoute({ component: Outlet });
  const settings = createRoute({ getParentRoute: () => frame, path: "/settings", component: SettingsPage });
  const elsewhere = createRoute({ getParentRoute: () => frame, path: "/", component: () => <p>elsewhere</p> });
  const router = createRouter({ routeTree: frame.addChildren([settings, elsewhere]), history: createMemoryHistory({ initialEntries: ["/settings"] }) });
  await router.load();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <QueryClientProvider client={client}>
        <MantineProvider env="test">
          <ModalsProvider>
            <RouterProvider router={router as never} />
          </ModalsProvider>
        </MantineProvider>
      </QueryClientProvider>,
    ),
  );
  return router;
}

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  sessionStorage.clear();
  sent = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url, "http://here").pathname;
    if (request.method === "PATCH") {
      const change = (await request.json()) as Partial<Settings>;
      sent.push(change);
      return Response.json({ ...SAVED, ...change });
    }
    if (path.endsWith("/audit")) return Response.json({ items: [], next_before: null });
    return Response.json(path.endsWith("/state") ? STATE : SAVED);
  });
  await speak("en");
  client = makeQueryClient();
  client.setQueryData(settingsQuery.queryKey, SAVED);
  client.setQueryData(systemStateQuery.queryKey, STATE);
});

afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const by = <E extends HTMLElement>(id: string) => document.querySelector<E>(`[data-testid="${id}"]`);

function type(id: string, text: string) {
  const field = by<HTMLInputElement>(id)!;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")!.set!.call(field, text);
  return act(async () => field.dispatchEvent(new Event("input", { bubbles: true })));
}

const press = (id: string) => act(async () => by(id)!.click());

describe("the gateway's settings", () => {
  it("are nobody's page who may not manage the system", async () => {
    await show({ ...OWNER, role: "technician_manager", permissions: [] });
    expect(by("settings-organisation")).toBeNull();
  });

  it("send only what was changed", async () => {
    await show();
    expect(by<HTMLButtonElement>("channel-save")!.disabled).toBe(true);
    await type("settings-organisation", "Harbour IT Ltd");
    await act(async () => by("channel-save")!.closest("form")!.requestSubmit());
    await soon(() => expect(sent).toEqual([{ organisation: "Harbour IT Ltd" }]));
  });

  it("ask whose change holds when somebody else saved the same one", async () => {
    await show();
    await type("settings-organisation", "Mine");
    act(() => void client.setQueryData(settingsQuery.queryKey, { ...SAVED, organisation: "Theirs", pin_valid_s: 300 }));
    await soon(() => expect(by("channel-conflict")).not.toBeNull());
    expect(by("channel-conflict")!.textContent).toContain("Organisation’s name");
    expect(by<HTMLButtonElement>("channel-save")!.disabled).toBe(true);
    await press("channel-theirs");
    expect(by<HTMLInputElement>("settings-organisation")!.value).toBe("Theirs");
    expect(by("channel-conflict")).toBeNull();
  });

  it("are not left unsaved without a question", async () => {
    const router = await show();
    await type("settings-organisation", "Mine");
    act(() => void router.navigate({ to: "/" }));
    await soon(() => expect(by("leave-unsaved")).not.toBeNull());
    expect(router.state.location.pathname).toBe("/settings");
    await press("leave-unsaved");
    await soon(() => expect(router.state.location.pathname).toBe("/"));
  });

  it("stand beside what an operator looks for, and an altered agent is told", async () => {
    await show();
    const text = document.body.textContent;
    for (const part of ["/var/lib/mayday", "1,200 records", "13.5 MB", "Made by the gateway", "Off; --http-loopback"]) expect(text).toContain(part);
    expect(document.querySelector('[role="alert"]')!.textContent).toContain("Somebody changed this file");
  });
});
