// What the end user filled in when they asked for help: typed by a stranger, shown as text and nothing else.
import { useTranslation } from "react-i18next";

import type { Session } from "../api/types";
import { Panel } from "../parts/Page";
import classes from "./CallsPage.module.css";

export function RequestPanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  const request = session.request;
  if (!request) return null;
  return (
    <Panel title={request.call === null ? t("request.byCode") : t("request.byCall", { name: request.call })}>
      {request.answers.length > 0 && (
        <dl className={classes.answers} data-testid="request-answers">
          {request.answers.map((answer, index) => (
            <div key={index}>
              <dt>{answer.kind === "own" ? answer.label : t(`request.${answer.kind}`)}</dt>
              <dd>{answer.value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
