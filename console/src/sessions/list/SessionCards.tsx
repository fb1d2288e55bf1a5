// The session list on a phone: one card per session, everything within reach of a thumb.
import { Link } from "@tanstack/react-router";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { SessionActions } from "../actions/SessionActions";
import { UnreadMarks } from "../../talk/Unread";
import { StatusBadge, SubState } from "../StatusBadge";
import { Technicians, WaitingSince } from "./columns";
import classes from "./SessionCards.module.css";

const CARD_PX = 168;

interface SessionCardsProps {
  sessions: Session[];
  showChannel: boolean;
  reachedEnd: () => void;
}

export function SessionCards({ sessions, showChannel, reachedEnd }: SessionCardsProps) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (list.current) setTop(list.current.getBoundingClientRect().top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer({
    count: sessions.length,
    estimateSize: () => CARD_PX,
    overscan: 6,
    gap: 10,
    scrollMargin: top,
    getItemKey: (index) => sessions[index]?.id ?? index,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= sessions.length - 1) reachedEnd();
  }, [last, sessions.length, reachedEnd]);

  return (
    <ul ref={list} className={classes.list} style={{ height: virtual.getTotalSize() }}>
      {items.map((item) => {
        const session = sessions[item.index];
        return session ? (
          <li key={session.id} ref={virtual.measureElement} data-index={item.index} className={classes.item} style={{ transform: `translateY(${item.start - top}px)` }}>
            <Card session={session} showChannel={showChannel} />
          </li>
        ) : null;
      })}
    </ul>
  );
}

const Card = memo(function Card({ session, showChannel }: { session: Session; showChannel: boolean }) {
  const { t } = useTranslation();
  const device = session.device;
  return (
    <article className={classes.card} data-testid={`session-row-${session.id}`} data-status={session.status} data-sub-state={session.sub_state.kind}>
      <div className={classes.top}>
        <StatusBadge status={session.status} />
        <SubState session={session} />
      </div>
      <Link to="/sessions/$id" params={{ id: session.id }} className={classes.link}>
        {session.name}
      </Link>{" "}
      <UnreadMarks session={session} />
      {(session.request?.issue || session.note) && <p className={classes.note}>{session.request?.issue || session.note}</p>}
      <p className={classes.facts}>
        {device && <span>{`${device.host_name} · ${device.os_name} ${device.os_version}`}</span>}
        {showChannel && <span>{session.channel.name}</span>}
        <Technicians session={session} />
        {session.waiting_since && (
          <span>
            {t("sessions.waits")} <WaitingSince session={session} />
          </span>
        )}
      </p>
      <div className={classes.actions}>
        <SessionActions session={session} />
      </div>
    </article>
  );
});
