// @vitest-environment happy-dom
// Where I am signed in: this one first and without a button, the others can be signed out one by one or all after a question.
import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { MySignIn } from "../api/types";
import { makeQueryClient } from "../app/cache";
import { soon } from "../parts/soon";
import { speak } from "../texts";
import { SignInsPanel } from "./SignInsPanel";

const one = (id: string, browser: string, changes: Partial<MySignIn> = {}): MySignIn => ({
  id,
  this: false,
  open: false,
  browser,
  address: "192.0.2.7",
  since: "2026-11-20T08:00:00Z",
  used_at: "2026-11-21T08:00:00Z",
  ...changes,
});

let root: Root;
let list: MySignIn[];
let asked: string[];

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  list = [one("a", "curl/8"), one("b", "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", { this: true }), one("c", "")];
  asked = [];
  vi.stubGlobal("fetch", (request: Request) => {
    const path = new URL(request.url, "http://here").pathname;
    if (request.method === "GET") return Promise.resolve(Response.json(list));
    asked.push(`${request.method} ${path}`);
    list = list.filter((each) => (path.endsWith("/end-others") ? each.this : !path.endsWith(`/${each.id}`)));
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  await speak("en");
  const page = createRootRoute({ component: SignInsPanel });
  const router = createRouter({ routeTree: page, history: createMemoryHistory() });
  await router.load();
  root = createRoot(document.body.appendChild(document.createElement("div")));
  await act(async () =>
    root.render(
      <QueryClientProvider client={makeQueryClient()}>
        <MantineProvider env="test">
          <ModalsProvider>
            <RouterProvider router={router as never} />
          </ModalsProvider>
        </MantineProvider>
      </QueryClientProvider>,
    ),
  );
  await soon(() => expect(rows()).toHaveLength(3));
});

afterEach(() => {
  act(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

const rows = () => [...document.querySelectorAll<HTMLElement>('[data-testid="sign-in"]')];
const press = (element: Element | null | undefined) => act(async () => (element as HTMLElement).click());

it("names each, this one first and without a way to end it here", () => {
  expect(rows().map((row) => row.querySelector("span")!.textContent)).toEqual(["Firefox 153 · LinuxThis one", "curl", "Unknown browser"]);
  expect(rows().map((row) => row.querySelector("button") !== null)).toEqual([false, true, true]);
  expect(rows()[1]!.querySelector("button")!.getAttribute("aria-label")).toBe("Sign out curl");
});

it("ends one at once, and all others after a question", async () => {
  await press(rows()[1]!.querySelector("button"));
  await soon(() => expect(rows()).toHaveLength(2));
  expect(asked).toEqual(["DELETE /api/v1/me/sign-ins/a"]);
  await press(document.querySelector('[data-testid="sign-out-others"]'));
  expect(asked).toHaveLength(1);
  await press(document.querySelector('[data-testid="confirm-sign-out-others"]'));
  await soon(() => expect(rows()).toHaveLength(1));
  expect(asked[1]).toBe("POST /api/v1/me/sign-ins/end-others");
  expect(document.querySelector('[data-testid="sign-out-others"]')).toBeNull();
});
