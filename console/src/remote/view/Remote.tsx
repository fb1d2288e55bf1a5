// The remote screen with everything around it: toolbar, picture, words when there is no picture, figures.
import { useFullscreenDocument, useLocalStorage } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import type { RemoteClient } from "../client/client";
import type { Snapshot } from "../client/snapshot";
import { evdevCode, type Combination } from "../hands/keys";
import type { Scaling } from "../hands/place";
import { ChatSide } from "../../talk/ChatSide";
import { ControlRequest } from "./ControlRequest";
import { Figures } from "./Figures";
import { useFullScreen } from "./full-screen";
import classes from "./Remote.module.css";
import { Screen } from "./Screen";
import { isMeasured, keepsPicture, type Situation } from "./situation";
import { Toolbar } from "./Toolbar";
import { Words } from "./Words";

export interface RemoteProps {
  client: RemoteClient;
  snapshot: Snapshot;
  session: Session | undefined;
  me: string | undefined;
  situation: Situation;
}

export function Remote({ client, snapshot, session, me, situation }: RemoteProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const toolbar = useRef<HTMLDivElement>(null);
  const [scaling, setScaling] = useLocalStorage<Scaling>({ key: "mayday.remote.scaling", defaultValue: "fit" });
  const [showsFigures, setShowsFigures] = useLocalStorage({ key: "mayday.remote.figures", defaultValue: false });
  const [showsChat, setShowsChat] = useLocalStorage({ key: "mayday.remote.chat", defaultValue: false });
  const { fullscreen, toggle } = useFullscreenDocument();
  useFullScreen(fullscreen);

  // Words that are gone give the keyboard back to the picture.
  const stage = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (situation === "live" && !toolbar.current?.contains(document.activeElement))
      stage.current?.focus({ preventScroll: true });
  }, [situation]);

  const press = (combination: Combination) => {
    const codes = combination.codes.map((code) => evdevCode(code)).filter((code) => code !== null);
    client.hands.combination(codes);
    stage.current?.focus({ preventScroll: true });
  };
  const leave = () => {
    client.stop();
    if (fullscreen) void toggle();
    void (session ? navigate({ to: "/sessions/$id", params: { id: session.id } }) : navigate({ to: "/" }));
  };

  return (
    <div
      className={classes.root}
      data-testid="remote-view"
      data-keyboard-taken=""
      data-state={situation}
      data-fullscreen={fullscreen || undefined}
      data-chat={showsChat || undefined}
    >
      <Toolbar
        ref={toolbar}
        client={client}
        snapshot={snapshot}
        session={session}
        scaling={scaling}
        setScaling={setScaling}
        showsFigures={showsFigures}
        toggleFigures={() => setShowsFigures(!showsFigures)}
        isChatOpen={showsChat}
        toggleChat={() => setShowsChat(!showsChat)}
        isFullScreen={fullscreen}
        toggleFullScreen={() => {
          void toggle();
          stage.current?.focus({ preventScroll: true });
        }}
        press={press}
        leave={leave}
      />
      <div className={classes.body}>
        <Screen
          stage={stage}
          client={client}
          snapshot={snapshot}
          scaling={scaling}
          look={situation === "live" ? "live" : keepsPicture(situation) ? "dimmed" : "hidden"}
          onLeaveByKey={() => toolbar.current?.querySelector("button")?.focus()}
        />
        {situation !== "live" && (
          <Words client={client} snapshot={snapshot} session={session} me={me} situation={situation} leave={leave} />
        )}
        {showsFigures && <Figures client={client} snapshot={snapshot} isMeasured={isMeasured(situation)} />}
        <ControlRequest client={client} snapshot={snapshot} session={session} />
      </div>
      {showsChat && session && <ChatSide session={session} />}
      <div role="status" className={classes.spoken}>
        {t(`remote.situation.${situation}.title`)}
      </div>
    </div>
  );
}
