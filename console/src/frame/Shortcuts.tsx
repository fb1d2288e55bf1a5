// Keyboard shortcuts and the sheet that lists them. Single letters work only while nobody types and no dialog is open.
import { Kbd, Modal } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { createContext, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../app/me";
import { useNewSession } from "../sessions/new/NewSessionProvider";
import classes from "./Shortcuts.module.css";

/** The field that `/` goes to carries this attribute. */
export const SEARCH_FIELD = "data-search-field";
const SEQUENCE_MS = 1200;

interface Shortcuts {
  showSheet: () => void;
}

const ShortcutsContext = createContext<Shortcuts>({ showSheet: () => {} });

export const useShortcuts = () => useContext(ShortcutsContext);

export function ShortcutsProvider({ children }: { children: ReactNode }) {
  const [sheet, setSheet] = useState(false);
  const shortcuts = useMemo(() => ({ showSheet: () => setSheet(true) }), []);
  useKeys(shortcuts.showSheet);
  return (
    <ShortcutsContext value={shortcuts}>
      {children}
      <Sheet opened={sheet} close={() => setSheet(false)} />
    </ShortcutsContext>
  );
}

function useKeys(showSheet: () => void) {
  const navigate = useNavigate();
  const newSession = useNewSession();
  const mayManage = useMay("technician.manage");
  const went = useRef(0);

  useEffect(() => {
    const go: Record<string, () => void> = {
      h: () => void navigate({ to: "/" }),
      p: () => void navigate({ to: "/private" }),
      c: () => void navigate({ to: "/channels" }),
      a: () => void navigate({ to: "/account" }),
      ...(mayManage && { t: () => void navigate({ to: "/technicians" }) }),
    };
    const keys: Record<string, () => void> = {
      n: () => newSession.open(),
      "/": () => document.querySelector<HTMLElement>(`[${SEARCH_FIELD}]`)?.focus(),
      "?": showSheet,
      g: () => (went.current = Date.now()),
    };
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isBusy(event.target)) return;
      const following = Date.now() - went.current < SEQUENCE_MS;
      const action = (following && go[event.key]) || keys[event.key];
      if (following && event.key !== "g") went.current = 0;
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, [navigate, newSession, mayManage, showSheet]);
}

// Somebody types, a dialog is open, or the remote screen has the keyboard.
function isBusy(target: EventTarget | null): boolean {
  const dialogs = [...document.querySelectorAll('[role="dialog"]')];
  if (document.querySelector("[data-keyboard-taken]") || dialogs.some((dialog) => dialog.checkVisibility())) return true;
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function Sheet({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const mayManage = useMay("technician.manage");
  const rows: [string[], string][] = [
    [["Ctrl", "K"], t("shortcuts.palette")],
    [["N"], t("sessions.new")],
    [["/"], t("shortcuts.search")],
    [["G", "H"], t("shortcuts.goTo", { page: t("frame.home") })],
    [["G", "P"], t("shortcuts.goTo", { page: t("frame.private") })],
    [["G", "C"], t("shortcuts.goTo", { page: t("frame.channels") })],
    ...(mayManage ? ([[["G", "T"], t("shortcuts.goTo", { page: t("frame.technicians") })]] as [string[], string][]) : []),
    [["G", "A"], t("shortcuts.goTo", { page: t("frame.account") })],
    [["?"], t("shortcuts.sheet")],
  ];
  return (
    <Modal opened={opened} onClose={close} title={t("shortcuts.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <dl className={classes.list}>
        {rows.map(([keys, label]) => (
          <div key={label} className={classes.row}>
            <dt>{label}</dt>
            <dd>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
