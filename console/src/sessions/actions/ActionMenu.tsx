// All other actions of a session behind one button.
import { ActionIcon, Menu } from "@mantine/core";
import { IconAppWindow, IconClockPlus, IconDotsVertical, IconKey, IconLink, IconLock, IconRefresh, IconTransferOut, IconTrash, IconUserPlus, IconUserShare, IconArrowsExchange, IconHandStop } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Session, SessionAction } from "../../api/types";
import { AskItems } from "./AskChoice";
import { DestinationDialog, type Destination } from "./DestinationDialog";
import { ExtendDialog } from "./ExtendDialog";
import { openInViewer } from "./OpenInViewer";
import { primaryAction } from "./primary";
import { useSessionActions } from "./use-session-actions";

const ICON = 16;

interface ActionMenuProps {
  session: Session;
  /** Also offers what to ask for, where there is no room beside the button. */
  askChoice: boolean;
}

export function ActionMenu({ session, askChoice }: ActionMenuProps) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const [destination, setDestination] = useState<Destination | null>(null);
  const [extending, setExtending] = useState(false);
  const primary = primaryAction(session);
  const item = (action: SessionAction, icon: ReactNode, press: () => unknown, color?: string) =>
    session.actions.includes(action) && action !== primary ? (
      <Menu.Item key={action} leftSection={icon} color={color} onClick={() => void press()} data-testid={`action-${action}`}>
        {t(`actions.${action}` as "actions.take")}
      </Menu.Item>
    ) : null;

  const groups = [
    [askChoice && session.actions.includes("ask") && <AskItems key="ask" ask={(rights) => void actions.ask(rights)} />],
    [
      session.actions.includes("connect") && (
        <Menu.Item
          key="viewer"
          leftSection={<IconAppWindow size={ICON} />}
          onClick={() => void openInViewer(session.id, t("viewer.title"), t("common.close"))}
          data-testid="action-viewer"
        >
          {t("viewer.action")}
        </Menu.Item>
      ),
    ],
    [
      item("copy_link", <IconLink size={ICON} />, actions.copyLink),
      item("show_pin", <IconKey size={ICON} />, actions.showInvite),
      item("new_pin", <IconRefresh size={ICON} />, actions.newPin),
    ],
    [
      item("take", <IconHandStop size={ICON} />, actions.take),
      item("assign", <IconUserShare size={ICON} />, () => setDestination("assign")),
      item("invite", <IconUserPlus size={ICON} />, () => setDestination("invite")),
      item("transfer_user", <IconArrowsExchange size={ICON} />, () => setDestination("transfer_user")),
      item("transfer_channel", <IconArrowsExchange size={ICON} />, () => setDestination("transfer_channel")),
      item("extend", <IconClockPlus size={ICON} />, () => setExtending(true)),
      item("release", <IconTransferOut size={ICON} />, actions.release),
    ],
    [item("close", <IconLock size={ICON} />, actions.close), item("delete", <IconTrash size={ICON} />, actions.remove, "var(--text-danger)")],
  ]
    .map((group) => group.filter(Boolean))
    .filter((group) => group.length > 0);
  if (groups.length === 0) return null;

  return (
    <>
      <Menu width={230}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("actions.more", { name: session.name })} data-testid="action-menu">
            <IconDotsVertical size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>{groups.flatMap((group, index) => (index > 0 ? [<Menu.Divider key={index} />, ...group] : group))}</Menu.Dropdown>
      </Menu>
      {extending && <ExtendDialog session={session} close={() => setExtending(false)} />}
      {destination && <DestinationDialog session={session} destination={destination} close={() => setDestination(null)} />}
    </>
  );
}
