// Why is it slow? Always an answer: the way taken, the rates, and how long each stage from the changed pixel to this screen takes.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import type { RemoteClient } from "../client/client";
import type { Snapshot } from "../client/snapshot";
import type { Summary } from "../client/statistics";
import classes from "./Figures.module.css";
import { reasonOf, stagesOf } from "./stages";

const EVERY_MS = 500;
const NOTHING: Summary = { roundTrip: null, updatesPerSecond: 0, kilobitsPerSecond: 0, keyToPixel: null, mean: null };

interface FiguresProps {
  client: RemoteClient;
  snapshot: Snapshot;
  /** Pictures come; what was measured before says nothing about now. */
  isMeasured: boolean;
}

export function Figures({ client, snapshot, isMeasured }: FiguresProps) {
  const { t, i18n } = useTranslation();
  const [measured, setMeasured] = useState<Summary>(() => client.statistics.summary(performance.now()));
  const summary = isMeasured ? measured : NOTHING;
  useEffect(() => {
    const timer = setInterval(() => setMeasured(client.statistics.summary(performance.now())), EVERY_MS);
    return () => clearInterval(timer);
  }, [client]);

  const number = (value: number | null | undefined, digits: number) =>
    value === null || value === undefined
      ? "–"
      : value.toLocaleString(i18n.language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const ms = (value: number | null | undefined) => `${number(value, 1)} ms`;
  const { screen, path } = snapshot;
  const qp = summary.mean?.qp;
  const quality = qp === null ? t("remote.figures.exact") : qp === undefined ? "–" : `QP ${number(qp, 0)}`;
  const rows: [string, string][] = [
    [t("remote.figures.path"), path ? t(`remote.figures.${path}`) : "–"],
    [t("remote.figures.roundTrip"), ms(summary.roundTrip)],
    [t("remote.figures.keyToPixel"), ms(summary.keyToPixel)],
    [t("remote.figures.updates"), `${number(summary.updatesPerSecond, 1)} /s`],
    [t("remote.figures.rate"), `${number(summary.kilobitsPerSecond, 0)} kbit/s`],
    [t("remote.figures.quality"), quality],
    [t("remote.figures.screen"), screen ? `${screen.width} × ${screen.height}` : "–"],
  ];
  const stages = stagesOf(summary);
  const total = stages.reduce((sum, stage) => sum + stage.ms, 0);
  const { reason, ms: reasonMs } = isMeasured ? reasonOf(stages) : { reason: "away" as const, ms: 0 };
  return (
    <section className={classes.figures} aria-label={t("remote.figures.title")} data-testid="remote-figures">
      <p className={classes.why} data-reason={reason} data-testid="remote-why">
        {t(`remote.why.${reason}`, { ms: number(reasonMs, 0) })}
      </p>
      <dl className={classes.rows}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2>
        {t("remote.figures.stages")} <span>{ms(stages.length > 0 ? total : null)}</span>
      </h2>
      <div className={classes.bar} aria-hidden>
        {stages.map((stage) => (
          <i key={stage.id} data-stage={stage.id} style={{ flexGrow: stage.ms }} />
        ))}
      </div>
      <dl className={classes.rows}>
        {stages.map((stage) => (
          <div key={stage.id}>
            <dt>
              <i data-stage={stage.id} aria-hidden />
              {t(`remote.figures.stage.${stage.id}`)}
            </dt>
            <dd>
              {stage.isEstimate && "≈ "}
              {ms(stage.ms)}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
