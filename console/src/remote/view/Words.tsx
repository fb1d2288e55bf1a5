// Over the picture whenever it cannot come: what is going on, in words, and what can be done about it.
import { Button, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";

import type { Session, SessionTechnician } from "../../api/types";
import { useNow } from "../../parts/clock";
import { stopwatch } from "../../parts/moments";
import { AskChoice } from "../../sessions/actions/AskChoice";
import { useSessionActions } from "../../sessions/actions/use-session-actions";
import type { RemoteClient } from "../client/client";
import type { Snapshot } from "../client/snapshot";
import classes from "./Remote.module.css";
import { isUnderWay, keepsPicture, type Situation } from "./situation";

interface WordsProps {
  client: RemoteClient;
  snapshot: Snapshot;
  session: Session | undefined;
  me: string | undefined;
  situation: Situation;
  leave: () => void;
}

/** Nothing more can happen here. */
const ENDS: Situation[] = ["closed", "expired", "removed", "not_mine", "unsupported"];

export function Words({ client, snapshot, session, me, situation, leave }: WordsProps) {
  const { t } = useTranslation();
  const mine = session?.technicians.find((technician) => technician.id === me);
  const left = useTimeLeft(snapshot, mine, situation);
  return (
    <div
      className={classes.words}
      data-testid="remote-words"
      data-over-picture={(snapshot.hasPicture && keepsPicture(situation)) || undefined}
    >
      <div className={classes.card}>
        {isUnderWay(situation) && <Loader size="sm" color="gray.3" aria-hidden />}
        <h1>{t(`remote.situation.${situation}.title`)}</h1>
        <p>
          {t(`remote.situation.${situation}.text`, {
            host: snapshot.state?.host_name || session?.device?.host_name || t("remote.theComputer"),
          })}
        </p>
        {left && <p className={classes.left}>{left}</p>}
        {ENDS.includes(situation) && (
          <div className={classes.offers}>
            <Button variant="default" onClick={leave} data-testid="remote-back">
              {t("remote.back")}
            </Button>
          </div>
        )}
        {session && <Offers client={client} session={session} situation={situation} />}
      </div>
    </div>
  );
}

/** How long until something changes by itself. */
function useTimeLeft(snapshot: Snapshot, mine: SessionTechnician | undefined, situation: Situation): string | null {
  const { t } = useTranslation();
  const now = useNow();
  const until = (moment: string) => stopwatch(Date.parse(moment) - now);
  if (situation === "asking" && mine?.asks_left_until)
    return t("remote.left.asking", { time: until(mine.asks_left_until) });
  if ((situation === "rejected" || situation === "unanswered") && mine) {
    if (!mine.reject_until) return t("remote.left.rejectedFinally");
    if (Date.parse(mine.reject_until) > now) return t("remote.left.rejected", { time: until(mine.reject_until) });
  }
  if (situation === "reconnecting" && snapshot.phase.kind === "reconnecting" && snapshot.phase.attempt > 3) {
    return t("remote.left.reconnecting", { count: snapshot.phase.attempt });
  }
  return null;
}

function Offers({ client, session, situation }: { client: RemoteClient; session: Session; situation: Situation }) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const asks = ["ready", "stopped", "rejected", "unanswered"].includes(situation) && session.actions.includes("ask");
  const withdraws = situation === "asking" && session.actions.includes("withdraw");
  const again = ["replaced", "refused", "version"].includes(situation);
  const invites = situation === "offline" && session.actions.includes("copy_link");
  if (!asks && !withdraws && !again && !invites) return null;
  return (
    <div className={classes.offers}>
      {asks && (
        <Button.Group>
          <Button onClick={() => void actions.ask()} data-testid="remote-start" autoFocus>
            {t("actions.ask")}
          </Button>
          <AskChoice ask={(rights) => void actions.ask(rights)} />
        </Button.Group>
      )}
      {invites && (
        <Button variant="default" onClick={() => void actions.copyLink()} data-testid="remote-copy-link">
          {t("actions.copy_link")}
        </Button>
      )}
      {withdraws && (
        <Button variant="default" onClick={() => void actions.withdraw()} data-testid="remote-withdraw">
          {t("actions.withdraw")}
        </Button>
      )}
      {again && (
        <Button
          onClick={() => (situation === "version" ? location.reload() : client.start())}
          data-testid="remote-again"
        >
          {t(situation === "replaced" ? "remote.useHere" : "remote.tryAgain")}
        </Button>
      )}
    </div>
  );
}
