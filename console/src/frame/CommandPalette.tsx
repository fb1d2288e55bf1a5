// Ctrl+K: go anywhere, do anything, find any open session, without leaving the keyboard.
import { useMantineColorScheme } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconChartBar, IconFileSearch, IconHash, IconHeadset, IconHome, IconKeyboard, IconLock, IconLogout, IconMoon, IconPlus, IconSearch, IconSettings, IconStack2, IconUserCircle, IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery, sessionSearchQuery } from "../api/queries";
import type { Session } from "../api/types";
import { useMay } from "../app/me";
import { useSignOut } from "../app/sign-out";
import { useEnterCode } from "../calls/EnterCode";
import { DestinationDialog, type Destination } from "../sessions/actions/DestinationDialog";
import { ExtendDialog } from "../sessions/actions/ExtendDialog";
import { useNewSession } from "../sessions/new/NewSessionProvider";
import { useShortcuts } from "./Shortcuts";
import { useOpenSession, useSessionDeeds } from "./session-deeds";

const ICON = 18;

export function CommandPalette() {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const sessions = useFoundSessions(query);
  const open = useOpenSession();
  const session = open ?? sessions[0];
  const [target, setTarget] = useState<{ session: Session; what: Destination | "extend" } | null>(null);
  const choose = (what: Destination | "extend") => session && setTarget({ session, what });
  const close = () => setTarget(null);
  const deeds = useSessionDeeds(session, choose, open ? [] : [query]);
  const found = useSessionPlaces(sessions, query);
  const actions: (SpotlightActionGroupData | SpotlightActionData)[] = [
    // On a session's page its actions come first; else those of the session that was typed follow it.
    ...(open ? [{ group: open.name, actions: deeds }] : []),
    { group: t("palette.sessions"), actions: found },
    ...(!open && session ? [{ group: session.name, actions: deeds }] : []),
    { group: t("palette.do"), actions: useDeeds() },
    { group: t("palette.goTo"), actions: usePlaces() },
  ];
  return (
    <>
      <Spotlight
        actions={actions}
        query={query}
        onQueryChange={setQuery}
        shortcut={["mod + K"]}
        tagsToIgnore={[]}
        attributes={{ content: { "aria-label": t("shortcuts.palette") } }}
        limit={40}
        scrollable
        maxHeight={420}
        highlightQuery
        nothingFound={t("palette.nothing")}
        searchProps={{ leftSection: <IconSearch size={ICON} />, placeholder: t("palette.placeholder"), "aria-label": t("palette.placeholder") }}
      />
      {target?.what === "extend" && <ExtendDialog session={target.session} close={close} />}
      {target && target.what !== "extend" && <DestinationDialog session={target.session} destination={target.what} close={close} />}
    </>
  );
}

function useFoundSessions(query: string): Session[] {
  const [settled] = useDebouncedValue(query.trim(), 120);
  const found = useQuery({ ...sessionSearchQuery(settled), enabled: settled.length > 1, placeholderData: keepPreviousData }).data;
  return query.trim() ? (found?.items ?? []) : [];
}

function useSessionPlaces(sessions: Session[], query: string): SpotlightActionData[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return sessions.map((session) => ({
    id: `session-${session.id}`,
    label: session.name,
    description: `${t(`status.${session.status}`)} · ${session.channel.name}`,
    // The gateway may have found the words elsewhere, for example in a technician's name.
    keywords: [query],
    leftSection: <IconHeadset size={ICON} />,
    onClick: () => void navigate({ to: "/sessions/$id", params: { id: session.id } }),
  }));
}

function useDeeds(): SpotlightActionData[] {
  const { t } = useTranslation();
  const newSession = useNewSession();
  const enterCode = useEnterCode();
  const { showSheet } = useShortcuts();
  const { toggleColorScheme } = useMantineColorScheme();
  const signOut = useSignOut();
  return [
    { id: "new-session", label: t("sessions.new"), leftSection: <IconPlus size={ICON} />, onClick: () => newSession.open() },
    { id: "enter-code", label: t("code.title"), leftSection: <IconHash size={ICON} />, onClick: enterCode.open },
    { id: "theme", label: t("palette.theme"), leftSection: <IconMoon size={ICON} />, onClick: toggleColorScheme },
    { id: "shortcuts", label: t("shortcuts.title"), leftSection: <IconKeyboard size={ICON} />, onClick: showSheet },
    { id: "sign-out", label: t("account.signOut"), leftSection: <IconLogout size={ICON} />, onClick: () => void signOut() },
  ];
}

function usePlaces(): SpotlightActionData[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayManage = useMay("technician.manage");
  const mayAudit = useMay("audit.view");
  const mayReport = useMay("report.view");
  const maySet = useMay("system.manage");
  const channels = useQuery(channelsQuery).data ?? [];
  return [
    { id: "home", label: t("frame.home"), leftSection: <IconHome size={ICON} />, onClick: () => void navigate({ to: "/" }) },
    { id: "private", label: t("frame.private"), leftSection: <IconLock size={ICON} />, onClick: () => void navigate({ to: "/private" }) },
    { id: "channels", label: t("frame.channels"), leftSection: <IconStack2 size={ICON} />, onClick: () => void navigate({ to: "/channels" }) },
    ...channels
      .filter((one) => one.kind !== "private")
      .map((one) => ({
        id: `channel-${one.id}`,
        label: one.name,
        description: t("sessions.channel"),
        leftSection: <IconHash size={ICON} />,
        onClick: () => void navigate({ to: "/channels/$id", params: { id: one.id } }),
      })),
    ...(mayManage
      ? [{ id: "technicians", label: t("frame.technicians"), leftSection: <IconUsers size={ICON} />, onClick: () => void navigate({ to: "/technicians" }) }]
      : []),
    ...(mayReport ? [{ id: "reports", label: t("frame.reports"), leftSection: <IconChartBar size={ICON} />, onClick: () => void navigate({ to: "/reports" }) }] : []),
    ...(mayAudit ? [{ id: "audit", label: t("frame.audit"), leftSection: <IconFileSearch size={ICON} />, onClick: () => void navigate({ to: "/audit" }) }] : []),
    ...(maySet ? [{ id: "settings", label: t("frame.settings"), leftSection: <IconSettings size={ICON} />, onClick: () => void navigate({ to: "/settings" }) }] : []),
    { id: "account", label: t("frame.account"), leftSection: <IconUserCircle size={ICON} />, onClick: () => void navigate({ to: "/account" }) },
  ];
}
