// What the end user filled in when they asked for help: typed by a stranger, shown as text and nothing else.
import { useTranslation } from "react-i18next";

import type { Session } from "../api/types";
import { Panel } from "../parts/Page";
import classes from "./CallsPage.module.css";

export function RequestPanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  const request = session.request;
  const began = useBegan(session);
  // By a session code nothing is filled in.
  if (!began || !request || request.answers.length === 0) return null;
  return (
    <Panel title={began}>
      <dl className={classes.answers} data-testid="request-answers">
        {request.answers.map((answer, index) => (
          <div key={index}>
            <dt>{answer.kind === "own" ? answer.label : t(`request.${answer.kind}`)}</dt>
            <dd>{answer.value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** How the end user began it, in words; nothing when a technician made it. */
export function useBegan({ request }: Session): string | undefined {
  const { t } = useTranslation();
  if (!request) return undefined;
  return request.call === null ? t("request.byCode") : t("request.byCall", { name: request.call });
}
