// Who works in a channel: technicians one by one, and groups. Each change takes effect at once and can be undone by the opposite.
import { ActionIcon, Badge, Select } from "@mantine/core";
import { IconUser, IconUsersGroup, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery, groupsQuery, peopleQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { useMay } from "../app/me";
import { noticeError } from "../parts/notices";
import { Empty, Panel } from "../parts/Page";
import { ChannelPage } from "./ChannelPage";
import classes from "./People.module.css";

export function ChannelPeoplePage() {
  return (
    <ChannelPage>
      {(channel) =>
        channel.actions.includes("manage_members") ? (
          <>
            <Technicians channel={channel} />
            <Groups channel={channel} />
          </>
        ) : null
      }
    </ChannelPage>
  );
}

function usePeople(channel: Channel) {
  const client = useQueryClient();
  const settle = { onError: noticeError, onSettled: () => client.invalidateQueries({ queryKey: channelsQuery.queryKey }) };
  const at = (id: string) => ({ params: { path: { id: channel.id, technician_id: id } } });
  const group = (id: string) => ({ params: { path: { id: channel.id, group_id: id } } });
  return {
    addMember: useMutation({ mutationFn: (id: string) => take(api.PUT("/api/v1/channels/{id}/members/{technician_id}", at(id))), ...settle }),
    removeMember: useMutation({ mutationFn: (id: string) => take(api.DELETE("/api/v1/channels/{id}/members/{technician_id}", at(id))), ...settle }),
    addGroup: useMutation({ mutationFn: (id: string) => take(api.PUT("/api/v1/channels/{id}/groups/{group_id}", group(id))), ...settle }),
    removeGroup: useMutation({ mutationFn: (id: string) => take(api.DELETE("/api/v1/channels/{id}/groups/{group_id}", group(id))), ...settle }),
  };
}

function Technicians({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery).data ?? [];
  const changes = usePeople(channel);
  const here = new Set(channel.members.map((one) => one.id));
  const others = people.filter((one) => !here.has(one.id));
  return (
    <Panel title={t("frame.technicians")}>
      <Adder label={t("channels.addTechnician")} choices={others} add={changes.addMember.mutate} testId="add-member" />
      {channel.members.length === 0 ? (
        <Empty icon={<IconUser />} title={t("channels.nobody")} hint={t("channels.nobodyHint")} />
      ) : (
        <ul className={classes.list}>
          {channel.members.map((one) => (
            <li key={one.id} className={classes.row} data-testid={`member-${one.id}`}>
              <span className={classes.name}>{one.name}</span>
              <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("channels.takeOut", { name: one.name })} onClick={() => changes.removeMember.mutate(one.id)}>
                <IconX size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Groups({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const mayManage = useMay("technician.manage");
  const groups = useQuery(groupsQuery).data ?? [];
  const changes = usePeople(channel);
  const here = new Set(channel.groups.map((one) => one.id));
  return (
    <Panel title={t("groups.title")} actions={mayManage && <Link to="/technicians" search={{ tab: "groups" }} className={classes.more}>{t("groups.manage")}</Link>}>
      <Adder label={t("channels.addGroup")} choices={groups.filter((one) => !here.has(one.id))} add={changes.addGroup.mutate} testId="add-group" />
      {channel.groups.length === 0 ? (
        <Empty icon={<IconUsersGroup />} title={t("channels.noGroups")} hint={t("channels.noGroupsHint")} />
      ) : (
        <ul className={classes.list}>
          {channel.groups.map((one) => (
            <li key={one.id} className={classes.row} data-testid={`group-${one.id}`}>
              <span className={classes.name}>{one.name}</span>
              <Badge variant="light" color="gray" tt="none">
                {t("groups.count", { count: one.members })}
              </Badge>
              <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("channels.takeOut", { name: one.name })} onClick={() => changes.removeGroup.mutate(one.id)}>
                <IconX size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

interface AdderProps {
  label: string;
  choices: { id: string; name: string }[];
  add: (id: string) => void;
  testId: string;
}

function Adder({ label, choices, add, testId }: AdderProps) {
  const { t } = useTranslation();
  return (
    <Select
      searchable
      maw={380}
      aria-label={label}
      placeholder={label}
      disabled={choices.length === 0}
      nothingFoundMessage={t("palette.nothing")}
      data={choices.map(({ id, name }) => ({ value: id, label: name }))}
      value={null}
      onChange={(id) => id && add(id)}
      data-testid={testId}
    />
  );
}
