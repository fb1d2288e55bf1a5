// Earlier sessions of the same computer, as far as I may see them.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { earlierQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { fullMoment, moment } from "../../parts/moments";
import { Panel } from "../../parts/Page";
import { StatusBadge } from "../StatusBadge";
import classes from "./EarlierPanel.module.css";
import { Stars } from "./Stars";

export function EarlierPanel({ session }: { session: Session }) {
  const { t, i18n } = useTranslation();
  const earlier = useQuery({ ...earlierQuery(session.id), enabled: session.device !== null });
  if (!earlier.data || earlier.data.length === 0) return null;
  return (
    <Panel title={t("earlier.title")}>
      <ul className={classes.list}>
        {earlier.data.map((one) => (
          <li key={one.id} className={classes.item}>
            <time className={classes.time} dateTime={one.created_at} title={fullMoment(one.created_at, i18n.language)}>
              {moment(one.created_at, i18n.language)}
            </time>
            <Link to="/sessions/$id" params={{ id: one.id }} className={classes.name}>
              {one.name}
            </Link>
            <span className={classes.end}>{one.rating ? <Stars stars={one.rating.stars} /> : <StatusBadge status={one.status} />}</span>
            {one.technicians[0] && <span className={classes.who}>{one.technicians[0].name}</span>}
          </li>
        ))}
      </ul>
      <p className={classes.hint}>{t("earlier.hint")}</p>
    </Panel>
  );
}
