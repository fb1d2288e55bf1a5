// A strip that shows how far a session has come and says what happens next.
import { IconCheck } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { nextStep, stationState, STATIONS, type StationState } from "./next-step";
import classes from "./NextStep.module.css";

export function NextStep({ session }: { session: Session }) {
  const { t } = useTranslation();
  const step = nextStep(session);
  const { key, reached } = step;
  return (
    <div className={classes.strip} data-over={reached === 0 || undefined}>
      {reached > 0 && (
        <ol className={classes.stations}>
          {STATIONS.map((station, index) => (
            <li key={station} className={classes.station} data-done={index < reached || undefined} aria-current={index === reached ? "step" : undefined}>
              <span className={classes.dot} aria-hidden>
                {index < reached && <IconCheck size={11} stroke={3.5} />}
              </span>
              {stationWords(station, stationState(step, index), t)}
            </li>
          ))}
        </ol>
      )}
      <p className={classes.next} aria-live="polite">
        {t(`next.${key}`)}
      </p>
    </div>
  );
}

function stationWords(station: (typeof STATIONS)[number], state: StationState, t: TFunction): string {
  switch (state) {
    case "open":
      return t(`stations.${station}.open`);
    case "now":
      return t(`stations.${station}.now`);
    case "done":
      return t(`stations.${station}.done`);
  }
}
