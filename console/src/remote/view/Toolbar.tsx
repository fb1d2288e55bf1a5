// The bar above the picture: whose screen it is, who has the controls, and what can be done. Works by keyboard alone.
import { ActionIcon, Badge, Menu, SegmentedControl, Tooltip } from "@mantine/core";
import { IconAppWindow, IconChartBar, IconKeyboard, IconMaximize, IconMessage, IconMinimize, IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode, Ref } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import type { RemoteClient } from "../client/client";
import { type Snapshot, hasControls } from "../client/snapshot";
import { openInViewer } from "../../sessions/actions/OpenInViewer";
import { UnreadMarks } from "../../talk/Unread";
import { COMBINATIONS, type Combination } from "../hands/keys";
import type { Scaling } from "../hands/place";
import { Controls } from "./Controls";
import classes from "./Remote.module.css";

interface ToolbarProps {
  ref: Ref<HTMLDivElement>;
  client: RemoteClient;
  snapshot: Snapshot;
  session: Session | undefined;
  scaling: Scaling;
  setScaling: (scaling: Scaling) => void;
  showsFigures: boolean;
  toggleFigures: () => void;
  isChatOpen: boolean;
  toggleChat: () => void;
  isFullScreen: boolean;
  toggleFullScreen: () => void;
  press: (combination: Combination) => void;
  leave: () => void;
}

const SCALINGS: Scaling[] = ["fit", "actual", "fill"];

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation();
  const { snapshot, session } = props;
  const others =
    snapshot.state?.technicians.filter((technician) => technician.connected && technician.slot !== snapshot.slot) ?? [];
  const isAssigned = session?.technicians.some((one) => one.slot === snapshot.slot && one.assigned) ?? false;
  return (
    <div ref={props.ref} className={classes.toolbar} role="toolbar" aria-label={t("remote.toolbar")}>
      <div className={classes.title}>
        <strong className="clip">{session?.name ?? ""}</strong>
        <span className={classes.host}>{snapshot.state?.host_name || session?.device?.host_name}</span>
        {others.length > 0 && (
          <Tooltip label={others.map((technician) => technician.name).join(", ")}>
            <Badge variant="light" color="gray" tt="none">
              {t("remote.others", { count: others.length })}
            </Badge>
          </Tooltip>
        )}
      </div>
      <div className={classes.controls}>
        <Controls client={props.client} snapshot={snapshot} isAssigned={isAssigned} />
      </div>
      <SegmentedControl
        size="xs"
        value={props.scaling}
        onChange={(value) => props.setScaling(value as Scaling)}
        aria-label={t("remote.scaling.label")}
        data={SCALINGS.map((value) => ({ value, label: t(`remote.scaling.${value}`) }))}
        className={classes.scaling}
        data-testid="remote-scaling"
      />
      <SpecialKeys isEnabled={hasControls(snapshot)} press={props.press} />
      <ChatButton session={session} isOpen={props.isChatOpen} toggle={props.toggleChat} />
      <IconButton
        label={t("remote.figures.toggle")}
        onClick={props.toggleFigures}
        pressed={props.showsFigures}
        testId="remote-figures-toggle"
      >
        <IconChartBar size={18} />
      </IconButton>
      {session?.actions.includes("connect") && (
        <IconButton
          label={t("viewer.action")}
          onClick={() => void openInViewer(session.id, t("viewer.title"), t("common.close"))}
          testId="remote-viewer"
        >
          <IconAppWindow size={18} />
        </IconButton>
      )}
      <IconButton
        label={t(props.isFullScreen ? "remote.fullScreen.leave" : "remote.fullScreen.enter")}
        onClick={props.toggleFullScreen}
        pressed={props.isFullScreen}
        testId="remote-full-screen"
      >
        {props.isFullScreen ? <IconMinimize size={18} /> : <IconMaximize size={18} />}
      </IconButton>
      <IconButton label={t("remote.leave")} onClick={props.leave} color="red" testId="remote-disconnect">
        <IconPlugConnectedX size={18} />
      </IconButton>
    </div>
  );
}

function ChatButton({ session, isOpen, toggle }: { session: Session | undefined; isOpen: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  return (
    <span className={classes.chatButton}>
      <IconButton label={t("chat.side")} onClick={toggle} pressed={isOpen} testId="remote-chat-toggle">
        <IconMessage size={18} />
      </IconButton>
      {session && !isOpen && (
        <span className={classes.chatMarks} role="status">
          <UnreadMarks session={session} />
        </span>
      )}
    </span>
  );
}

interface IconButtonProps {
  label: string;
  onClick: () => void;
  pressed?: boolean;
  color?: string;
  testId: string;
  children: ReactNode;
}

function IconButton({ label, onClick, pressed, color = "gray", testId, children }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        size={34}
        variant={pressed ? "light" : "subtle"}
        color={pressed ? undefined : color}
        onClick={onClick}
        aria-label={label}
        aria-pressed={pressed}
        data-testid={testId}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function SpecialKeys({ isEnabled, press }: { isEnabled: boolean; press: (combination: Combination) => void }) {
  const { t } = useTranslation();
  return (
    <Menu returnFocus={false}>
      <Menu.Target>
        <Tooltip label={t("remote.keys.menu")}>
          <ActionIcon
            size={34}
            variant="subtle"
            color="gray"
            disabled={!isEnabled}
            aria-label={t("remote.keys.menu")}
            data-testid="remote-keys"
          >
            <IconKeyboard size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("remote.keys.hint")}</Menu.Label>
        {COMBINATIONS.map((combination) => (
          <Menu.Item
            key={combination.id}
            onClick={() => press(combination)}
            className="mono"
            data-testid={`remote-keys-${combination.id}`}
          >
            {t(`remote.keys.${combination.id}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{t("remote.keys.wayOut")}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}
