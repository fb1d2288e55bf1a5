// The session list on a wide screen: a real table of which only the visible rows exist.
import { Checkbox } from "@mantine/core";
import { useNavigate, Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { IconChevronDown } from "@tabler/icons-react";
import { memo, useEffect, useLayoutEffect, useRef, useState, type MouseEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { UnreadMarks } from "../../talk/Unread";
import { SessionActions } from "../actions/SessionActions";
import { StatusBadge, SubState } from "../StatusBadge";
import { Addresses, DeviceCell, Technicians, TimeLeft, WaitingSince } from "./columns";
import classes from "./SessionTable.module.css";
import type { Selection } from "../bulk/use-selection";
import type { Sort } from "./view";

const ROW_PX = 60;
const COLUMNS = 8;

interface SessionTableProps {
  sessions: Session[];
  showChannel: boolean;
  sort: Sort;
  sortBy: (sort: Sort) => void;
  reachedEnd: () => void;
  selection: Selection;
}

export function SessionTable({ sessions, showChannel, sort, sortBy, reachedEnd, selection }: SessionTableProps) {
  const { t } = useTranslation();
  const body = useRef<HTMLTableSectionElement>(null);
  const { rows, before, after } = useVisibleRows(body, sessions, reachedEnd);
  const head = { sort, sortBy };

  return (
    <div className={classes.box}>
      <table className={classes.table} aria-rowcount={sessions.length + 1}>
        <thead>
          <tr>
            <th className={classes.choose}>
              <Checkbox
                size="xs"
                aria-label={selection.chosen.length > 0 ? t("bulk.clear") : t("bulk.all")}
                checked={selection.chosen.length > 0 && selection.chosen.length === sessions.length}
                indeterminate={selection.chosen.length > 0 && selection.chosen.length < sessions.length}
                onChange={() => (selection.chosen.length > 0 ? selection.clear() : selection.all())}
              />
            </th>
            <SortHead className={classes.status} label={t("sessions.status")} by="status" direction="descending" {...head} />
            <SortHead className={classes.name} label={t("sessions.session")} by="name" direction="ascending" {...head} />
            <th className={classes.people}>{showChannel ? t("sessions.techniciansChannel") : t("sessions.technicians")}</th>
            <th className={classes.device}>{t("sessions.device")}</th>
            <th className={classes.address}>{t("sessions.address")}</th>
            <SortHead className={classes.waiting} label={t("sessions.waitingSince")} by="waiting" direction="ascending" {...head} />
            <th className={classes.actions}>
              <span className={classes.hidden}>{t("sessions.actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {before > 0 && <tr aria-hidden style={{ height: before }}><td colSpan={COLUMNS} /></tr>}
          {rows.map(({ session, index }) => (
            <Row key={session.id} session={session} index={index} showChannel={showChannel} chosen={selection.has(session.id)} choose={selection.toggle} />
          ))}
          {after > 0 && <tr aria-hidden style={{ height: after }}><td colSpan={COLUMNS} /></tr>}
        </tbody>
      </table>
    </div>
  );
}

function useVisibleRows(body: React.RefObject<HTMLTableSectionElement | null>, sessions: Session[], reachedEnd: () => void) {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (body.current) setTop(body.current.getBoundingClientRect().top + window.scrollY);
  }, [body]);
  const virtual = useWindowVirtualizer({
    count: sessions.length,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: top,
    getItemKey: (index) => sessions[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= sessions.length - 1) reachedEnd();
  }, [last, sessions.length, reachedEnd]);
  return {
    rows: items.flatMap(({ index }) => {
      const session = sessions[index];
      return session ? [{ session, index }] : [];
    }),
    before: (items[0]?.start ?? top) - top,
    after: Math.max(0, virtual.getTotalSize() - ((items.at(-1)?.end ?? top) - top)),
  };
}

interface SortHeadProps {
  className: string | undefined;
  label: string;
  by: Sort;
  direction: "ascending" | "descending";
  sort: Sort;
  sortBy: (sort: Sort) => void;
}

function SortHead({ className, label, by, direction, sort, sortBy }: SortHeadProps) {
  const on = sort === by;
  return (
    <th className={className} aria-sort={on ? direction : undefined}>
      <button type="button" className={classes.sort} data-testid={`sort-${by}`} onClick={() => sortBy(on ? "created" : by)}>
        {label}
        <IconChevronDown size={13} aria-hidden className={classes.arrow} data-on={on || undefined} data-up={direction === "ascending" || undefined} />
      </button>
    </th>
  );
}

interface RowProps {
  session: Session;
  index: number;
  showChannel: boolean;
  chosen: boolean;
  choose: (id: string, range: boolean) => void;
}

// An event changes one session: only its row is drawn again.
const Row = memo(function Row({ session, index, showChannel, chosen, choose }: RowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const open = (event: MouseEvent<HTMLTableRowElement>) => {
    // The whole row opens the session, except where it has a control of its own or text is being selected.
    const control = (event.target as HTMLElement).closest("a, button, input, [role='menuitem'], [data-choose]");
    if (control || window.getSelection()?.toString() || !event.currentTarget.contains(event.target as Node)) return;
    void navigate({ to: "/sessions/$id", params: { id: session.id } });
  };
  return (
    <tr className={classes.row} aria-rowindex={index + 2} data-testid={`session-row-${session.id}`} data-status={session.status} data-sub-state={session.sub_state.kind} data-chosen={chosen || undefined} onClick={open}>
      <td className={classes.choose} data-choose>
        <Checkbox
          size="xs"
          aria-label={t("bulk.choose", { name: session.name })}
          checked={chosen}
          onChange={(event) => choose(session.id, (event.nativeEvent as globalThis.MouseEvent).shiftKey)}
        />
      </td>
      <td className={classes.status}>
        <StatusBadge status={session.status} />
        <SubState session={session} />
      </td>
      <td className={classes.name}>
        <Link to="/sessions/$id" params={{ id: session.id }} className={classes.link}>
          {session.name}
        </Link>{" "}
        <UnreadMarks session={session} />
        {(session.request?.issue || session.note) && <span className={classes.note}>{session.request?.issue || session.note}</span>}
      </td>
      <td className={classes.people}>
        <Technicians session={session} />
        {showChannel && <span className={classes.note}>{session.channel.name}</span>}
      </td>
      <td className={classes.device}>
        <DeviceCell session={session} />
      </td>
      <td className={classes.address}>
        <Addresses session={session} />
      </td>
      <td className={classes.waiting}>
        <WaitingSince session={session} />
        <TimeLeft session={session} />
      </td>
      <td className={classes.actions}>
        <SessionActions session={session} compact />
      </td>
    </tr>
  );
});
