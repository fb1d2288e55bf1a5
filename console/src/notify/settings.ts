// Whether and how this browser tells that somebody is in the queue: each technician's own choice, kept in the browser, because the
// permission is the browser's as well.
import { useSyncExternalStore } from "react";

export interface NotifySettings {
  desktop: boolean;
  sound: boolean;
  /** The offer to turn it on was answered. */
  asked: boolean;
}

const EVENT = "mayday-notify";
const NONE: NotifySettings = { desktop: false, sound: true, asked: false };
const key = (me: string) => `mayday-notify:${me}`;
const read: Record<string, { text: string | null; settings: NotifySettings }> = {};

export function notifySettings(me: string): NotifySettings {
  const text = localStorage.getItem(key(me));
  if (read[me]?.text !== text) read[me] = { text, settings: parsed(text) };
  return read[me]?.settings ?? NONE;
}

function parsed(text: string | null): NotifySettings {
  try {
    const stored = JSON.parse(text ?? "{}") as Partial<NotifySettings> | null;
    return { desktop: stored?.desktop === true, sound: stored?.sound !== false, asked: stored?.asked === true };
  } catch {
    return NONE;
  }
}

export function setNotifySettings(me: string, changes: Partial<NotifySettings>) {
  localStorage.setItem(key(me), JSON.stringify({ ...notifySettings(me), ...changes }));
  window.dispatchEvent(new Event(EVENT));
}

export function useNotifySettings(me: string): NotifySettings {
  return useSyncExternalStore(listen, () => notifySettings(me));
}

function listen(changed: () => void) {
  window.addEventListener(EVENT, changed);
  window.addEventListener("storage", changed);
  return () => {
    window.removeEventListener(EVENT, changed);
    window.removeEventListener("storage", changed);
  };
}

export const canNotify = () => typeof Notification !== "undefined" && window.isSecureContext;

/** Asks the browser, if it must be asked; call it from a press. */
export async function turnOnDesktop(me: string): Promise<boolean> {
  const allowed = canNotify() && (await Notification.requestPermission()) === "granted";
  setNotifySettings(me, { desktop: allowed, asked: true });
  return allowed;
}
