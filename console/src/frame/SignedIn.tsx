// Everything that is there as long as somebody is signed in: the live stream, dialogs, the command palette, keyboard shortcuts.
import { Outlet } from "@tanstack/react-router";

import { LiveProvider } from "../live/LiveProvider";
import { NewSessionProvider } from "../sessions/new/NewSessionProvider";
import { CommandPalette } from "./CommandPalette";
import { ConnectionBanner } from "./ConnectionBanner";
import { ShortcutsProvider } from "./Shortcuts";

export function SignedIn() {
  return (
    <LiveProvider>
      <NewSessionProvider>
        <ShortcutsProvider>
          <ConnectionBanner />
          <Outlet />
          <CommandPalette />
        </ShortcutsProvider>
      </NewSessionProvider>
    </LiveProvider>
  );
}
