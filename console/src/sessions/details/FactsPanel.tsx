// Who works in a session, and its moments: created, waiting since, expires.
import { ActionIcon, Avatar, Button } from "@mantine/core";
import { IconClockPlus, IconMouse, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { Session, SessionTechnician } from "../../api/types";
import { useMe } from "../../app/me";
import { useBegan } from "../../calls/RequestPanel";
import { fullMoment, moment } from "../../parts/moments";
import { Panel } from "../../parts/Page";
import { ExtendDialog } from "../actions/ExtendDialog";
import { useSessionActions } from "../actions/use-session-actions";
import { Expires, WaitingSince } from "../list/columns";
import device from "./DevicePanel.module.css";
import classes from "./FactsPanel.module.css";

export function FactsPanel({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const began = useBegan(session);
  return (
    <Panel title={t("details.people")}>
      {session.technicians.length === 0 ? (
        <p className={classes.nobody}>{t("details.nobody")}</p>
      ) : (
        <ul className={classes.people}>
          {session.technicians.map((one) => (
            <Person key={one.id} session={session} technician={one} />
          ))}
        </ul>
      )}
      <dl className={device.facts} data-narrow>
        <div className={device.fact}>
          <dt>{t("details.created")}</dt>
          <dd title={fullMoment(session.created_at, i18n.language)}>
            {moment(session.created_at, i18n.language)}
            {session.created_by && <span className={device.line}>{session.created_by.name}</span>}
            {began && (
              <span className={device.line} data-testid="session-began">
                {began}
              </span>
            )}
          </dd>
        </div>
        {session.waiting_since && (
          <div className={device.fact}>
            <dt>{t("sessions.waitingSince")}</dt>
            <dd>
              <WaitingSince session={session} />
            </dd>
          </div>
        )}
        <div className={device.fact}>
          <dt>{session.closed_at ? t("details.closed") : t("sessions.expires")}</dt>
          <dd>{session.closed_at ? moment(session.closed_at, i18n.language) : <Expires session={session} />}</dd>
        </div>
      </dl>
      {session.actions.includes("extend") && <Extend session={session} />}
    </Panel>
  );
}

function Person({ session, technician }: { session: Session; technician: SessionTechnician }) {
  const { t } = useTranslation();
  const me = useMe();
  const actions = useSessionActions(session);
  // Myself I release; that is an action of its own.
  const mayRemove = session.actions.includes("remove") && technician.id !== me?.id;
  const state = technician.consent === "granted" || technician.consent === "connected" ? `${technician.consent}_${technician.rights ?? "view"}` : technician.consent;
  return (
    <li className={classes.person}>
      <Avatar name={technician.name} color="petrol" size={30} aria-hidden />
      <span className={classes.name}>{technician.name}</span>
      {session.controller_id === technician.id && (
        <span className={classes.controls} title={t("control.has", { name: technician.name })}>
          <IconMouse size={15} aria-hidden /> {t("control.controls")}
        </span>
      )}
      <span className={classes.consent}>{t(`consent.${state}` as "consent.idle")}</span>
      {mayRemove && (
        <ActionIcon variant="subtle" color="gray" onClick={() => void actions.removeTechnician(technician.id)} aria-label={t("details.remove", { name: technician.name })} title={t("details.remove", { name: technician.name })}>
          <IconX size={15} />
        </ActionIcon>
      )}
    </li>
  );
}

function Extend({ session }: { session: Session }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconClockPlus size={15} />} className={classes.extend} onClick={() => setOpen(true)} data-testid="action-extend-choice">
        {t("actions.extend")}
      </Button>
      {open && <ExtendDialog session={session} close={() => setOpen(false)} />}
    </>
  );
}
