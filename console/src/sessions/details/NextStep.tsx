// A strip that shows how far a session has come and says what happens next.
import { IconCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { nextStep, STATIONS } from "./next-step";
import classes from "./NextStep.module.css";

export function NextStep({ session }: { session: Session }) {
  const { t } = useTranslation();
  const { key, reached } = nextStep(session);
  return (
    <div className={classes.strip} data-over={reached === 0 || undefined}>
      {reached > 0 && (
        <ol className={classes.stations}>
          {STATIONS.map((station, index) => (
            <li key={station} className={classes.station} data-done={index < reached || undefined} aria-current={index === reached ? "step" : undefined}>
              <span className={classes.dot} aria-hidden>
                {index < reached && <IconCheck size={11} stroke={3.5} />}
              </span>
              {t(`stations.${station}`)}
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
