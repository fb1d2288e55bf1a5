// Somebody asks for the controls: said to everybody who is connected; the one who has them answers, the one who asks can take it back.
import { Button } from "@mantine/core";
import { IconMouse } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import type { Session } from "../../api/types";
import { noticeError } from "../../parts/notices";
import type { RemoteClient } from "../client/client";
import type { Snapshot } from "../client/snapshot";
import classes from "./Remote.module.css";

interface ControlRequestProps {
  client: RemoteClient;
  snapshot: Snapshot;
  session: Session | undefined;
}

export function ControlRequest({ client, snapshot, session }: ControlRequestProps) {
  const { t } = useTranslation();
  const { state, slot } = snapshot;
  const request = state?.request ?? null;
  const left = useSecondsLeft(request?.left_ms ?? null);
  if (!state || !request || !session || slot === null) return null;
  const name = state.technicians.find((one) => one.slot === request.slot)?.name ?? "";
  const answer = (word: "keep" | "unask") => {
    const request = api.POST(`/api/v1/sessions/{id}/control/${word}`, { params: { path: { id: session.id } } });
    take(request).catch(noticeError);
  };
  const isMine = request.slot === slot;
  const words = isMine ? t("remote.request.mine", { seconds: left }) : t("remote.request.other", { name, seconds: left });
  return (
    <div className={classes.request} role={state.controller === slot ? "alertdialog" : "status"} aria-label={t("remote.request.title")} data-testid="remote-request">
      <IconMouse size={18} aria-hidden />
      <span>{words}</span>
      {state.controller === slot && (
        <>
          <Button size="xs" onClick={() => client.giveControls(request.slot)} data-testid="remote-request-yes">
            {t("remote.request.yes")}
          </Button>
          <Button size="xs" variant="default" onClick={() => answer("keep")} data-testid="remote-request-no">
            {t("remote.request.no")}
          </Button>
        </>
      )}
      {isMine && (
        <Button size="xs" variant="default" onClick={() => answer("unask")}>
          {t("common.cancel")}
        </Button>
      )}
    </div>
  );
}

/** Counts down from what the gateway said last. */
function useSecondsLeft(leftMs: number | null): number {
  const [now, setNow] = useState(0);
  const [until, setUntil] = useState(0);
  useEffect(() => {
    if (leftMs === null) return undefined;
    setNow(performance.now());
    setUntil(performance.now() + leftMs);
    const timer = setInterval(() => setNow(performance.now()), 250);
    return () => clearInterval(timer);
  }, [leftMs]);
  return Math.max(0, Math.ceil((until - now) / 1000));
}
