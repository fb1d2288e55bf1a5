// Everything that is there as long as somebody is signed in: the live stream, dialogs, keyboard shortcuts.
import { Outlet } from "@tanstack/react-router";

import { EnterCodeProvider } from "../calls/EnterCode";
import { LiveProvider } from "../live/LiveProvider";
import { NewSessionProvider } from "../sessions/new/NewSessionProvider";
import { ConnectionBanner } from "./ConnectionBanner";
import { ShortcutsProvider } from "./Shortcuts";

export function SignedIn() {
  return (
    <LiveProvider>
      <NewSessionProvider>
        <EnterCodeProvider>
          <ShortcutsProvider>
            <ConnectionBanner />
            <Outlet />
          </ShortcutsProvider>
        </EnterCodeProvider>
      </NewSessionProvider>
    </LiveProvider>
  );
}
