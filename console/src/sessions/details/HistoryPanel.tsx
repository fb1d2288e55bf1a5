// What has happened in a session, newest first.
import { useQuery } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import { historyQuery } from "../../api/queries";
import type { HistoryEntry } from "../../api/types";
import { fullMoment, moment } from "../../parts/moments";
import { Panel } from "../../parts/Page";
import { historyDetail } from "./history-detail";
import classes from "./HistoryPanel.module.css";

export function HistoryPanel({ sessionId }: { sessionId: string }) {
  const { t, i18n } = useTranslation();
  const history = useQuery(historyQuery(sessionId));
  const entries = [...(history.data ?? [])].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return (
    <Panel title={t("history.title")}>
      <ol className={classes.list}>
        {entries.map((entry, index) => (
          <li key={`${entry.at}-${index}`} className={classes.entry}>
            <time className={classes.time} dateTime={entry.at} title={fullMoment(entry.at, i18n.language)}>
              {moment(entry.at, i18n.language)}
            </time>
            <Words entry={entry} />
          </li>
        ))}
      </ol>
      {history.isSuccess && entries.length === 0 && <p className={classes.none}>{t("history.none")}</p>}
    </Panel>
  );
}

function Words({ entry }: { entry: HistoryEntry }) {
  const { t, i18n } = useTranslation();
  const key = `history.${entry.what}`;
  const parts = historyDetail(entry.detail);
  const until = parts.until && t("history.until", { time: moment(parts.until, i18n.language) });
  const stars = parts.stars && t("rating.stars", { count: parts.stars });
  const detail = [parts.words, parts.rights && t(`rights.${parts.rights}`), until, stars].filter(Boolean).join(" · ");
  const actor = actorName(entry.actor, t);
  return (
    <span>
      <strong className={classes.actor}>{actor}</strong> {i18n.exists(key) ? t(key as "history.created") : entry.what.replaceAll("_", " ")}
      {detail && <span className={classes.detail}>{detail}</span>}
    </span>
  );
}

export function actorName(actor: string, t: TFunction): string {
  switch (actor) {
    case "end_user":
      return t("history.endUser");
    case "agent":
      return t("history.agent");
    case "gateway":
      return t("history.gateway");
    default:
      return actor;
  }
}
