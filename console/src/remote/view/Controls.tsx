// Who may move the mouse: said in words, taken with one press, handed over from a menu.
import { Button, Menu } from "@mantine/core";
import { IconEye, IconMouse } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { RemoteClient } from "../client/client";
import { type Snapshot, isWatching } from "../client/snapshot";
import classes from "./Remote.module.css";

interface ControlsProps {
  client: RemoteClient;
  snapshot: Snapshot;
  /** The assigned technician need not ask. */
  isAssigned: boolean;
}

export function Controls({ client, snapshot, isAssigned }: ControlsProps) {
  const { t } = useTranslation();
  const { state, slot } = snapshot;
  if (!isWatching(snapshot) || !state || slot === null) return null;
  const controller = state.technicians.find((technician) => technician.slot === state.controller);
  const asks = controller?.connected === true && !isAssigned;
  const able = state.technicians.filter((technician) => technician.connected && technician.control);

  if (!state.rights.control) {
    const text = controller ? t("remote.controls.other", { name: controller.name }) : t("remote.controls.viewOnly");
    return <Said icon={<IconEye size={16} />}>{text}</Said>;
  }
  if (state.controller !== slot) {
    return (
      <Button
        size="xs"
        variant="light"
        leftSection={<IconMouse size={16} />}
        onClick={() => client.giveControls(slot)}
        disabled={state.request !== null}
        data-testid="remote-take-controls"
      >
        {controller ? t(asks ? "remote.controls.askFor" : "remote.controls.takeFrom", { name: controller.name }) : t("remote.controls.take")}
      </Button>
    );
  }
  const others = able.filter((technician) => technician.slot !== slot);
  if (others.length === 0) return <Said icon={<IconMouse size={16} />}>{t("remote.controls.mine")}</Said>;
  return (
    <Menu>
      <Menu.Target>
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          leftSection={<IconMouse size={16} />}
          data-testid="remote-controls"
        >
          {t("remote.controls.mine")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("remote.controls.handOver")}</Menu.Label>
        {others.map((technician) => (
          <Menu.Item key={technician.slot} onClick={() => client.giveControls(technician.slot)}>
            {technician.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Said({ icon, children }: { icon: React.ReactNode; children: string }) {
  return (
    <span className={classes.said} data-testid="remote-controls">
      {icon}
      {children}
    </span>
  );
}
