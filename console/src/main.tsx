// Starts the console: providers from the outside in, then the router.
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "@fontsource-variable/atkinson-hyperlegible-next/wght.css";
import "@fontsource-variable/atkinson-hyperlegible-mono/wght.css";
import "./app/styles.css";

import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { onSignedOut } from "./api/client";
import { makeQueryClient } from "./app/cache";
import { pickLanguage } from "./app/language";
import { makeRouter } from "./app/router";
import { cssVariables, theme } from "./app/theme";
import { speak } from "./texts";

const client = makeQueryClient();
const router = makeRouter(client);
const schemes = localStorageColorSchemeManager({ key: "mayday-theme" });

onSignedOut(() => {
  if (client.getQueryData(["me"]) === undefined) return;
  client.clear();
  // What is not saved stays in this tab for who signs in again: nobody is asked whether to leave it.
  void router.navigate({ to: "/sign-in", search: { to: router.state.location.href, ended: true }, ignoreBlocker: true });
});

const place = document.getElementById("root");
if (!place) throw new Error("index.html has no #root");
await speak(pickLanguage(null));
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} colorSchemeManager={schemes} defaultColorScheme="auto">
        <ModalsProvider>
          <RouterProvider router={router} />
        </ModalsProvider>
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
);
