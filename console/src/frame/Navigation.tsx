// The navigation beside the page: where I can go, how much waits there, and who I am.
import { Kbd, UnstyledButton } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconChartBar, IconFileSearch, IconHash, IconHome, IconLock, IconSearch, IconSettings, IconStack2, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery, sessionsQuery, systemQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { useMay } from "../app/me";
import { Mark } from "../parts/Mark";
import { HOME } from "../sessions/list/view";
import { AccountMenu } from "./AccountMenu";
import classes from "./Navigation.module.css";

export function Navigation() {
  const { t } = useTranslation();
  const system = useQuery(systemQuery).data;
  const channels = useQuery(channelsQuery).data ?? [];
  const home = useInfiniteQuery(sessionsQuery({ channel: HOME, status: "open", q: "", sort: "created" }));
  const mayManage = useMay("technician.manage");
  const mayAudit = useMay("audit.view");
  const mayReport = useMay("report.view");
  const maySet = useMay("system.manage");
  const mine = channels.find((one) => one.kind === "private");

  return (
    <nav className={classes.nav} aria-label={t("frame.navigation")}>
      <div className={classes.brand}>
        <Mark />
        <div className={classes.brandText}>
          <span className={classes.brandName}>Mayday</span>
          <span className={classes.organisation}>{system?.organisation ?? "\u00a0"}</span>
        </div>
      </div>
      <UnstyledButton className={classes.jump} onClick={spotlight.open}>
        <IconSearch size={15} aria-hidden />
        <span>{t("frame.jump")}</span>
        <Kbd size="xs">{t("frame.jumpKeys")}</Kbd>
      </UnstyledButton>
      <div className={classes.group}>
        <Entry to="/" icon={<IconHome size={18} />} label={t("frame.home")} count={home.data?.pages[0]?.total} exact />
        <Entry to="/private" icon={<IconLock size={18} />} label={t("frame.private")} count={mine?.open_sessions} />
      </div>
      <div className={classes.scroll}>
        <div className={classes.heading}>
          <Link to="/channels" activeOptions={{ exact: true }} className={classes.headingLink}>
            {t("frame.channels")}
          </Link>
        </div>
        <ChannelEntries channels={channels} />
      </div>
      <div className={classes.group}>
        {mayReport && <Entry to="/reports" icon={<IconChartBar size={18} />} label={t("frame.reports")} />}
        {mayAudit && <Entry to="/audit" icon={<IconFileSearch size={18} />} label={t("frame.audit")} />}
        {mayManage && <Entry to="/technicians" icon={<IconUsers size={18} />} label={t("frame.technicians")} />}
        {maySet && <Entry to="/settings" icon={<IconSettings size={18} />} label={t("frame.settings")} />}
      </div>
      <AccountMenu />
    </nav>
  );
}

function ChannelEntries({ channels }: { channels: Channel[] }) {
  const shared = channels
    .filter((one) => one.kind !== "private")
    .sort((a, b) => Number(b.kind === "default") - Number(a.kind === "default") || a.name.localeCompare(b.name));
  return (
    <div className={classes.group}>
      {shared.map((one) => (
        <Entry
          key={one.id}
          to="/channels/$id"
          params={{ id: one.id }}
          icon={one.kind === "default" ? <IconStack2 size={18} /> : <IconHash size={18} />}
          label={one.name}
          count={one.open_sessions}
        />
      ))}
    </div>
  );
}

interface EntryProps {
  to: LinkProps["to"];
  params?: LinkProps["params"];
  icon: ReactNode;
  label: string;
  count?: number;
  exact?: boolean;
}

function Entry({ to, params, icon, label, count, exact = false }: EntryProps) {
  const { t } = useTranslation();
  return (
    <Link to={to} params={params} activeOptions={{ exact, includeSearch: false }} className={classes.entry}>
      <span className={classes.icon} aria-hidden>
        {icon}
      </span>
      <span className={classes.label}>{label}</span>
      {count !== undefined && count > 0 && (
        <span className={classes.count} aria-label={t("frame.openSessions", { count })}>
          {count}
        </span>
      )}
    </Link>
  );
}
