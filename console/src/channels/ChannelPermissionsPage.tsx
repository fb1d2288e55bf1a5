// Who may do what in a channel: one technician or group at a time, each permission on, off or inherited, with what comes of it and why.
import { Badge, Loader, Select, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { channelPermissionsQuery, groupsQuery, refinedQuery, techniciansQuery } from "../api/queries";
import type { Channel, RefinedSubject, SubjectKind } from "../api/types";
import { Failed } from "../parts/Failed";
import { Empty } from "../parts/Page";
import { ChannelPage } from "./ChannelPage";
import classes from "./Permissions.module.css";
import { PermissionTable } from "./PermissionTable";

export function ChannelPermissionsPage() {
  return <ChannelPage>{(channel) => (channel.actions.includes("manage_permissions") ? <Permissions channel={channel} /> : null)}</ChannelPage>;
}

function Permissions({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { who } = useSearch({ from: "/signed-in/frame/channels/$id/permissions" });
  const refined = useQuery(refinedQuery(channel.id));
  const choices = useChoices(channel, refined.data ?? []);
  const choose = (next: string | null) => void navigate({ to: "/channels/$id/permissions", params: { id: channel.id }, search: next ? { who: next } : {}, replace: true });
  return (
    <>
      <Text size="sm" c="dimmed" maw="70ch">
        {t("permissions.hint")}
      </Text>
      <Select
        searchable
        maw={420}
        label={t("permissions.who")}
        placeholder={t("permissions.choose")}
        nothingFoundMessage={t("palette.nothing")}
        data={choices}
        value={who ?? null}
        onChange={choose}
        data-testid="permission-subject"
      />
      {who === undefined ? <Overview refined={refined.data} choose={choose} /> : <Editor key={who} channel={channel} who={who} />}
    </>
  );
}

/** About whom the channel says something already. */
function Overview({ refined, choose }: { refined: RefinedSubject[] | undefined; choose: (who: string) => void }) {
  const { t } = useTranslation();
  if (!refined) return <Loader aria-label={t("common.loading")} />;
  if (refined.length === 0) return <Empty icon={<IconShieldCheck />} title={t("permissions.none")} hint={t("permissions.noneHint")} />;
  return (
    <ul className={classes.overview}>
      {refined.map((one) => (
        <li key={`${one.kind}:${one.id}`}>
          <button type="button" className={classes.subject} onClick={() => choose(`${one.kind}:${one.id}`)}>
            <span className={classes.subjectName}>{one.name}</span>
            <span className={classes.kind}>{t(`permissions.kinds.${one.kind}`)}</span>
            {one.on > 0 && <Badge color="moss" variant="light" tt="none">{t("permissions.onCount", { count: one.on })}</Badge>}
            {one.off > 0 && <Badge color="brick" variant="light" tt="none">{t("permissions.offCount", { count: one.off })}</Badge>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Editor({ channel, who }: { channel: Channel; who: string }) {
  const { t } = useTranslation();
  const [kind = "technician", id = ""] = who.split(":");
  const shown = useQuery(channelPermissionsQuery(channel.id, kind as SubjectKind, id));
  if (shown.isError) return <Failed error={shown.error} retry={() => void shown.refetch()} />;
  if (!shown.data) return <Loader aria-label={t("common.loading")} />;
  return <PermissionTable channel={channel} shown={shown.data} />;
}

/** Technicians of the channel and its groups; those about whom something is said in any case. */
function useChoices(channel: Channel, refined: RefinedSubject[]) {
  const { t } = useTranslation();
  const technicians = useQuery(techniciansQuery).data ?? [];
  const groups = useQuery(groupsQuery).data ?? [];
  const everybody = channel.kind === "default";
  const assigned = new Set(channel.groups.map((one) => one.id));
  const here = new Set([...channel.members, ...groups.filter((one) => assigned.has(one.id)).flatMap((one) => one.members)].map((one) => one.id));
  const said = new Set(refined.map((one) => `${one.kind}:${one.id}`));
  const items = (kind: SubjectKind, list: { id: string; name: string }[], inside: Set<string>) =>
    list
      .filter((one) => everybody || inside.has(one.id) || said.has(`${kind}:${one.id}`))
      .sort((a, b) => a.name.localeCompare(b.name))
      .map((one) => ({ value: `${kind}:${one.id}`, label: one.name }));
  return [
    { group: t("groups.title"), items: items("group", groups, assigned) },
    { group: t("frame.technicians"), items: items("technician", technicians, here) },
  ].filter((part) => part.items.length > 0);
}
