// The picture itself, at its scale, with the pointers on it. Takes the keyboard when it has the focus.
import { useElementSize, useMergedRef } from "@mantine/hooks";
import { type RefObject, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

import type { RemoteClient } from "../client/client";
import { type Snapshot, hasControls } from "../client/snapshot";
import { listen } from "../hands/listen";
import { type Scaling, scaledSize } from "../hands/place";
import { PointerView } from "../picture/pointer-view";
import classes from "./Remote.module.css";

interface ScreenProps {
  stage: RefObject<HTMLDivElement | null>;
  client: RemoteClient;
  snapshot: Snapshot;
  scaling: Scaling;
  look: "live" | "dimmed" | "hidden";
  onLeaveByKey: () => void;
}

export function Screen({ stage, client, snapshot, scaling, look, onLeaveByKey }: ScreenProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointer = useRef<HTMLImageElement>(null);
  const leave = useRef(onLeaveByKey);
  const area = useElementSize<HTMLDivElement>();
  const stageRef = useMergedRef(stage, area.ref);
  const { screen } = snapshot;
  const size = screen && scaledSize(screen, area, scaling, window.devicePixelRatio);

  useEffect(() => {
    leave.current = onLeaveByKey;
  });
  useEffect(() => {
    if (!canvas.current || !pointer.current || !stage.current) return undefined;
    client.attach(canvas.current);
    const view = new PointerView({
      canvas: canvas.current,
      image: pointer.current,
      state: client.cursor,
      hands: client.hands,
      hasControls: () => hasControls(client.snapshot()),
    });
    client.onCursor = view.update;
    const unsubscribe = client.subscribe(view.update);
    const deaf = listen({
      element: stage.current,
      canvas: canvas.current,
      hands: client.hands,
      hasControls: () => hasControls(client.snapshot()),
      screen: () => client.snapshot().screen,
      onPointer: view.handlePointer,
      onLeaveByKey: () => leave.current(),
    });
    return () => {
      deaf();
      unsubscribe();
      client.onCursor = () => undefined;
      view.close();
    };
  }, [client, stage]);

  return (
    <div
      ref={stageRef}
      className={classes.stage}
      tabIndex={0}
      role="application"
      aria-label={t("remote.screen")}
      data-look={look}
      data-scaling={scaling}
    >
      <div
        className={classes.picture}
        style={size ? { width: size.width, height: size.height } : { visibility: "hidden" }}
      >
        <canvas ref={canvas} className={classes.canvas} data-testid="remote-canvas" />
        <img ref={pointer} className={classes.pointer} alt="" hidden data-testid="remote-pointer" />
      </div>
    </div>
  );
}
