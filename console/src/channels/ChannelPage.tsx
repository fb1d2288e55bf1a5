// The frame of every page about one channel: its name, and tabs to its sessions, settings, people and permissions.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { NotFoundPage } from "../frame/FailurePage";
import { Page } from "../parts/Page";
import classes from "./ChannelPage.module.css";

interface ChannelPageProps {
  /** Lists use the whole width; forms stay readable. */
  wide?: boolean;
  actions?: (channel: Channel) => ReactNode;
  /** Nothing for a channel that this page is not for: then there is no such page. */
  children: (channel: Channel) => ReactNode;
}

export function ChannelPage({ wide = false, actions, children }: ChannelPageProps) {
  const { t } = useTranslation();
  const { id } = useParams({ strict: false });
  const channels = useQuery(channelsQuery);
  const channel = channels.data?.find((one) => one.id === id);
  if (channels.isSuccess && !channel) return <NotFoundPage />;
  if (!channel) return <Page wide={wide} title={"\u00a0"}>{null}</Page>;
  const content = children(channel);
  if (content === null) return <NotFoundPage />;
  const title = channel.kind === "private" ? t("frame.private") : channel.name;
  return (
    <Page wide={wide} title={title} subtitle={channel.description || (channel.kind === "default" ? t("channels.defaultHint") : undefined)} actions={actions?.(channel)}>
      <ChannelTabs channel={channel} />
      {content}
    </Page>
  );
}

/** Only what I may do there, and the SOS Calls, whose links everybody may hand out. */
export function ChannelTabs({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const may = (action: Channel["actions"][number]) => channel.actions.includes(action);
  const strip = useRef<HTMLElement>(null);
  const here = useRouterState({ select: (state) => state.location.pathname });
  // On a phone not all tabs fit: the one that is open is in sight.
  useEffect(() => strip.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: "nearest", inline: "center" }), [here]);
  const sessions = channel.kind === "private" ? "/private" : "/channels/$id";
  const tabs: TabProps[] = [{ id: channel.id, to: sessions, label: t("channels.sessions") }];
  if (may("edit")) tabs.push({ id: channel.id, to: "/channels/$id/settings", label: t("channels.settings") });
  if (may("manage_members")) tabs.push({ id: channel.id, to: "/channels/$id/people", label: t("channels.people") });
  if (may("manage_permissions")) tabs.push({ id: channel.id, to: "/channels/$id/permissions", label: t("channels.permissions") });
  if (channel.kind !== "private") tabs.push({ id: channel.id, to: "/channels/$id/calls", label: t("calls.title") });
  if (tabs.length < 2) return null;
  return (
    <nav ref={strip} className={classes.tabs} aria-label={t("channels.parts", { name: channel.name })}>
      {tabs.map((tab) => (
        <Tab key={tab.to} {...tab} />
      ))}
    </nav>
  );
}

interface TabProps {
  id: string;
  to: "/private" | "/channels/$id" | "/channels/$id/settings" | "/channels/$id/people" | "/channels/$id/permissions" | "/channels/$id/calls";
  label: string;
}

function Tab({ id, to, label }: TabProps) {
  return (
    <Link to={to} params={{ id }} activeOptions={{ exact: true, includeSearch: false }} className={classes.tab} data-testid={`tab-${to.slice(to.lastIndexOf("/") + 1)}`}>
      {label}
    </Link>
  );
}
