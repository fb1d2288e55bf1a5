// While the page fills the screen, keys that the browser keeps otherwise (Alt+Tab, Super, Escape) go to the remote screen.
import { useEffect } from "react";

interface KeyboardLock {
  lock?: () => Promise<void>;
  unlock?: () => void;
}

export function useFullScreen(isFullScreen: boolean): void {
  useEffect(() => {
    const { keyboard } = navigator as Navigator & { keyboard?: KeyboardLock };
    if (!isFullScreen || !keyboard?.lock) return undefined;
    // Refused, the browser keeps its keys and the menu still has them.
    keyboard.lock().catch(() => undefined);
    return () => keyboard.unlock?.();
  }, [isFullScreen]);
}
