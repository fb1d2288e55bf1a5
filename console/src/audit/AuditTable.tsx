// The audit's records, newest first.
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import type { AuditRecord } from "../api/types";
import { fullMoment, moment } from "../parts/moments";
import tables from "../parts/Table.module.css";
import { actorName } from "../sessions/details/HistoryPanel";
import { aboutWords } from "./about";
import { actionWords } from "./actions";
import classes from "./AuditPage.module.css";

export function AuditTable({ records }: { records: AuditRecord[] }) {
  const { t } = useTranslation();
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          <th>{t("audit.when")}</th>
          <th>{t("audit.whoDidWhat")}</th>
          <th>{t("sessions.session")}</th>
          <th className={tables.wideOnly}>{t("audit.from")}</th>
          <th className={`${tables.wideOnly} ${tables.number}`}>{t("audit.number")}</th>
        </tr>
      </thead>
      <tbody>
        {records.map((one) => (
          <Row key={one.sequence} record={one} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ record }: { record: AuditRecord }) {
  const { t, i18n } = useTranslation();
  return (
    <tr data-testid={`audit-row-${record.sequence}`} data-action={record.action}>
      <td className={classes.time}>
        <time dateTime={record.at} title={fullMoment(record.at, i18n.language)}>
          {moment(record.at, i18n.language)}
        </time>
      </td>
      <td>
        <strong>{actorName(record.actor, t)}</strong> {actionWords(record.action, t, i18n)} <span className={classes.detail}>{aboutWords(record.about, t, i18n)}</span>
      </td>
      <td className={classes.session}>
        {record.session_id && (
          <Link to="/sessions/$id" params={{ id: record.session_id }}>
            {record.session_name ?? record.session_id}
          </Link>
        )}
      </td>
      <td className={`${tables.wideOnly} ${classes.address}`}>{record.from ?? "–"}</td>
      <td className={`${tables.wideOnly} ${tables.number}`}>{record.sequence}</td>
    </tr>
  );
}
