// The cells of a session that table and cards share: who, which computer, since when, until when.
import { Tooltip } from "@mantine/core";
import { IconMouse } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { useNow } from "../../parts/clock";
import { fullMoment, relative, roughly, stopwatch } from "../../parts/moments";
import classes from "./columns.module.css";

const SOON_MS = 5 * 60_000;

export function WaitingSince({ session }: { session: Session }) {
  const { i18n } = useTranslation();
  const now = useNow();
  if (!session.waiting_since) return <span className={classes.none}>–</span>;
  return (
    <time className={classes.number} dateTime={session.waiting_since} title={fullMoment(session.waiting_since, i18n.language)}>
      {stopwatch(now - Date.parse(session.waiting_since))}
    </time>
  );
}

export function Expires({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  if (session.status === "closed") return <span className={classes.none}>–</span>;
  const at = Date.parse(session.expires_at);
  const soon = at - now < SOON_MS && session.status !== "expired";
  return (
    <time className={classes.number} data-soon={soon || undefined} dateTime={session.expires_at} title={fullMoment(session.expires_at, i18n.language)}>
      {session.status === "expired" && at > now ? t("status.expired") : relative(at, now, i18n.language)}
    </time>
  );
}

/** How long until it expires, short, under the waiting time. */
export function TimeLeft({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  if (session.status === "closed" || session.status === "expired") return null;
  const left = Date.parse(session.expires_at) - now;
  return (
    <time className={classes.under} data-soon={left < SOON_MS || undefined} dateTime={session.expires_at} title={`${t("sessions.expires")}: ${fullMoment(session.expires_at, i18n.language)}`}>
      {t("sessions.left", { time: roughly(left, i18n.language) })}
    </time>
  );
}

export function Technicians({ session }: { session: Session }) {
  const { t } = useTranslation();
  // Who has the controls is named first.
  const [first, ...others] = [...session.technicians].sort((a, b) => Number(b.id === session.controller_id) - Number(a.id === session.controller_id));
  if (!first) return <span className={classes.none}>{t("sessions.nobody")}</span>;
  return (
    <span className={classes.people}>
      <span className={classes.person}>{first.name}</span>
      {first.id === session.controller_id && <IconMouse size={14} className={classes.controls} role="img" aria-label={t("control.has", { name: first.name })} />}
      {others.length > 0 && (
        <Tooltip label={others.map((one) => one.name).join(", ")}>
          <span className={classes.others}>+{others.length}</span>
        </Tooltip>
      )}
    </span>
  );
}

export function DeviceCell({ session }: { session: Session }) {
  const { t } = useTranslation();
  const device = session.device;
  if (!device) return <span className={classes.none}>{t("sessions.notStarted")}</span>;
  return (
    <>
      <span className={classes.line}>{device.host_name}</span>
      <span className={classes.under}>{[device.os_name, device.os_version].filter(Boolean).join(" ")}</span>
    </>
  );
}

export function Addresses({ session }: { session: Session }) {
  const { t } = useTranslation();
  const device = session.device;
  if (!device) return <span className={classes.none}>–</span>;
  return (
    <>
      <span className={classes.address} title={t("device.publicAddress")}>
        {device.public_address}
      </span>
      <span className={`${classes.address} ${classes.under}`} title={t("device.localAddresses")}>
        {device.local_addresses[0]}
        {device.local_addresses.length > 1 && ` +${device.local_addresses.length - 1}`}
      </span>
    </>
  );
}
