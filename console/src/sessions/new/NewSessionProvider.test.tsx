// @vitest-environment happy-dom
// The dialog after New session: whoever connects from it goes to the picture, and the dialog does not lie over it.
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { channelsQuery, linkQuery, meQuery, pinQuery, sessionQuery } from "../../api/queries";
import { makeQueryClient } from "../../app/cache";
import { applySession } from "../../live/apply";
import { soon } from "../../parts/soon";
import { speak } from "../../texts";
import { sampleSession } from "../sample";
import { NewSessionProvider, useNewSession } from "./NewSessionProvider";

const created = sampleSession({ id: "1", name: "Printer", actions: ["copy_link", "show_pin", "ask"] });

let root: Root;
const client = makeQueryClient();

function Opener() {
  const newSession = useNewSession();
  return <button id="open" onClick={() => newSession.open("10")} />;
}

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  // The text field waits for fonts, of which there are none here.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  vi.stubGlobal("fetch", (request: Request) => {
    const path = new URL(request.url, "http://here").pathname;
    if (request.method === "POST" && path === "/api/v1/sessions") return Promise.resolve(Response.json({ ...created, link: "https://help.example.com/j/x", pin: "123456", pin_expires_at: "2026-11-22T22:00:00Z" }, { status: 201 }));
    return Promise.reject(new Error(`${path} is not asked for in this test`));
  });
  await speak("en");
  client.clear();
  client.setQueryData(meQuery.queryKey, { id: "7", name: "Ines", email: "ines@example.com", role: "owner", permissions: [], language: null });
  client.setQueryData(channelsQuery.queryKey, []);
  client.setQueryData(linkQuery("1").queryKey, { link: "https://help.example.com/j/x" });
  client.setQueryData(pinQuery("1").queryKey, { pin: "123456", expires_at: "2026-11-22T22:00:00Z" } as never);
});

afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

it("closes when the technician connects from it, and not before", async () => {
  const frame = createRootRoute({
    component: () => (
      <NewSessionProvider>
        <Opener />
        <Outlet />
      </NewSessionProvider>
    ),
  });
  const home = createRoute({ getParentRoute: () => frame, path: "/", component: () => null });
  const remote = createRoute({ getParentRoute: () => frame, path: "/sessions/$id/remote", component: () => <p>the picture</p> });
  const router = createRouter({ routeTree: frame.addChildren([home, remote]), history: createMemoryHistory() });
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
  const dialog = () => document.querySelector('[role="dialog"]');
  await act(async () => document.querySelector<HTMLElement>("#open")!.click());
  await soon(() => expect(document.querySelector('[data-testid="new-session-name"]')).not.toBeNull());
  const name = document.querySelector<HTMLInputElement>('[data-testid="new-session-name"]')!;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")!.set!.call(name, "Printer");
  await act(async () => name.dispatchEvent(new Event("input", { bubbles: true })));
  await act(async () => document.querySelector<HTMLFormElement>('[role="dialog"] form')!.requestSubmit());
  await soon(() => expect(dialog()?.textContent).toContain("123456"));

  // The end user starts and allows: the dialog stays, and now offers the way to the picture.
  const granted = { ...created, status: "active" as const, sub_state: { ...created.sub_state, kind: "granted" as const, rights: "control" as const, agent: "here" as const }, actions: ["connect" as const] };
  act(() => {
    client.setQueryData(sessionQuery("1").queryKey, granted);
    applySession(client, granted);
  });
  const connect = () => document.querySelector<HTMLElement>('[role="dialog"] [data-testid="action-connect"]');
  await soon(() => expect(connect()).not.toBeNull());
  await act(async () => connect()!.click());
  await soon(() => expect(document.body.textContent).toContain("the picture"));
  await soon(() => expect(dialog()).toBeNull());
});
