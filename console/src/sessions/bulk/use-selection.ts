// Which sessions of a list are chosen. Who leaves the list is no longer chosen; a range is chosen with the shift key.
import { useCallback, useMemo, useRef, useState } from "react";

import type { Session } from "../../api/types";

export interface Selection {
  chosen: Session[];
  has: (id: string) => boolean;
  toggle: (id: string, range: boolean) => void;
  all: () => void;
  clear: () => void;
}

export function useSelection(sessions: Session[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string | null>(null);
  const chosen = useMemo(() => sessions.filter((one) => ids.has(one.id)), [sessions, ids]);
  const has = useCallback((id: string) => ids.has(id), [ids]);
  const toggle = useCallback(
    (id: string, range: boolean) => {
      const from = range ? sessions.findIndex((one) => one.id === last.current) : -1;
      const to = sessions.findIndex((one) => one.id === id);
      const touched = from < 0 ? [id] : sessions.slice(Math.min(from, to), Math.max(from, to) + 1).map((one) => one.id);
      last.current = id;
      setIds((before) => {
        const after = new Set(before);
        for (const one of touched) {
          if (before.has(id)) after.delete(one);
          else after.add(one);
        }
        return after;
      });
    },
    [sessions],
  );
  const all = useCallback(() => setIds(new Set(sessions.map((one) => one.id))), [sessions]);
  const clear = useCallback(() => setIds(new Set()), []);
  return { chosen, has, toggle, all, clear };
}
