// What somebody typed and did not send yet. Survives a reload, a lost sign-in and a closed dialog; ends with the tab.
import { useCallback, useState } from "react";

const PREFIX = "mayday-draft:";

export function readDraft<T>(key: string): T | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function writeDraft<T>(key: string, value: T | undefined) {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the draft lives in memory only.
  }
}

/** The draft under `key`, else `initial`. `discard` forgets it: after sending, or on purpose. */
export function useDraft<T>(key: string, initial: T) {
  const [typed, setTyped] = useState<T | undefined>(() => readDraft<T>(key));
  const write = useCallback(
    (value: T) => {
      writeDraft(key, value);
      setTyped(value);
    },
    [key],
  );
  const discard = useCallback(() => {
    writeDraft(key, undefined);
    setTyped(undefined);
  }, [key]);
  return { value: typed ?? initial, touched: typed !== undefined, write, discard };
}
