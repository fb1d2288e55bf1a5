// A report's figures as a table: one row per day, channel or technician.
import { useTranslation } from "react-i18next";

import type { ReportRow } from "../api/types";
import { regional } from "../parts/moments";
import { average, duration } from "./figures";
import classes from "./Reports.module.css";

export function FigureTable({ first, rows, unnamed }: { first: string; rows: ReportRow[]; unnamed: string }) {
  const { t, i18n } = useTranslation();
  const language = regional(i18n.language);
  return (
    <div className={classes.scroll} tabIndex={0} role="group" aria-label={first}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            <th scope="col">{t("reports.sessions")}</th>
            <th scope="col">{t("reports.ended")}</th>
            <th scope="col">{t("reports.averageWaiting")}</th>
            <th scope="col">{t("reports.averageHandling")}</th>
            <th scope="col">{t("reports.rating")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.name || unnamed}</th>
              <td data-name={t("reports.sessions")}>{row.sessions.toLocaleString(language)}</td>
              <td data-name={t("reports.ended")}>{row.ended.toLocaleString(language)}</td>
              <td data-name={t("reports.averageWaiting")}>{duration(row.waiting_s, language)}</td>
              <td data-name={t("reports.averageHandling")}>{duration(row.handling_s, language)}</td>
              <td data-name={t("reports.rating")}>{row.rated > 0 ? `${average(row.stars, language)} (${row.rated})` : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
