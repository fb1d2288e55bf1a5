// What can be done with one session, for the command palette: the same actions as on its page, and only those that are allowed now.
import type { SpotlightActionData } from "@mantine/spotlight";
import { IconArrowsExchange, IconClockPlus, IconDeviceDesktop, IconHandStop, IconKey, IconLink, IconLock, IconMessageQuestion, IconRefresh, IconTransferOut, IconTrash, IconUserPlus, IconUserShare, IconX, type TablerIcon } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { sessionQuery } from "../api/queries";
import type { Session, SessionAction } from "../api/types";
import type { Destination } from "../sessions/actions/DestinationDialog";
import { useSessionActions } from "../sessions/actions/use-session-actions";

const ICON = 18;

/** In the order in which they are wanted. */
const DEEDS = ["connect", "ask", "withdraw", "take", "release", "assign", "invite", "transfer_user", "transfer_channel", "copy_link", "show_pin", "new_pin", "extend", "close", "delete"] as const satisfies readonly SessionAction[];
export type Deed = (typeof DEEDS)[number];

const ICONS: Record<Deed, TablerIcon> = {
  connect: IconDeviceDesktop,
  ask: IconMessageQuestion,
  withdraw: IconX,
  take: IconHandStop,
  release: IconTransferOut,
  assign: IconUserShare,
  invite: IconUserPlus,
  transfer_user: IconArrowsExchange,
  transfer_channel: IconArrowsExchange,
  copy_link: IconLink,
  show_pin: IconKey,
  new_pin: IconRefresh,
  extend: IconClockPlus,
  close: IconLock,
  delete: IconTrash,
};

const NONE = { id: "", name: "" };

export function deedsOf(session: Session): Deed[] {
  return DEEDS.filter((deed) => session.actions.includes(deed));
}

/** The session whose page this is. */
export function useOpenSession(): Session | undefined {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const id = /^\/sessions\/(\d+)/.exec(path)?.[1] ?? "";
  return useQuery({ ...sessionQuery(id), enabled: id !== "" }).data;
}

/** `choose`: opens the dialog about to whom or where, or until when. `keywords`: what else finds them. */
export function useSessionDeeds(session: Session | undefined, choose: (what: Destination | "extend") => void, keywords: string[]): SpotlightActionData[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const actions = useSessionActions(session ?? NONE);
  const does: Record<Deed, () => unknown> = {
    connect: () => session && navigate({ to: "/sessions/$id/remote", params: { id: session.id } }),
    ask: () => actions.ask(),
    withdraw: actions.withdraw,
    take: actions.take,
    release: actions.release,
    assign: () => choose("assign"),
    invite: () => choose("invite"),
    transfer_user: () => choose("transfer_user"),
    transfer_channel: () => choose("transfer_channel"),
    copy_link: actions.copyLink,
    show_pin: actions.showInvite,
    new_pin: actions.newPin,
    extend: () => choose("extend"),
    close: actions.close,
    delete: actions.remove,
  };
  if (!session) return [];
  return deedsOf(session).map((deed) => {
    const Icon = ICONS[deed];
    return { id: `deed-${deed}`, label: t(`actions.${deed}`), keywords, leftSection: <Icon size={ICON} />, onClick: () => void does[deed]() };
  });
}
