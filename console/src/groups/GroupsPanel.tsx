// All groups of technicians, and making, changing, deleting them.
import { ActionIcon, Button, Loader, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDotsVertical, IconPencil, IconTrash, IconUsersGroup } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery, groupsQuery } from "../api/queries";
import type { Group } from "../api/types";
import { Failed } from "../parts/Failed";
import { noticeDone, noticeError } from "../parts/notices";
import { Empty } from "../parts/Page";
import tables from "../parts/Table.module.css";
import classes from "./Groups.module.css";

interface GroupsPanelProps {
  add: () => void;
  edit: (group: Group) => void;
}

export function GroupsPanel({ add, edit }: GroupsPanelProps) {
  const { t } = useTranslation();
  const groups = useQuery(groupsQuery);
  const channels = useQuery(channelsQuery).data ?? [];
  if (groups.isPending) return <Loader aria-label={t("common.loading")} />;
  if (groups.isError) return <Failed error={groups.error} retry={() => void groups.refetch()} />;
  if (groups.data.length === 0) {
    return <Empty icon={<IconUsersGroup />} title={t("groups.none")} hint={t("groups.noneHint")} action={<Button onClick={add}>{t("groups.add")}</Button>} />;
  }
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          <th>{t("groups.group")}</th>
          <th>{t("frame.technicians")}</th>
          <th className={tables.wideOnly}>{t("frame.channels")}</th>
          <th className={tables.end}>
            <span className={tables.hidden}>{t("sessions.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {groups.data.map((group) => (
          <tr key={group.id} data-testid={`group-row-${group.id}`}>
            <td className={classes.name}>{group.name}</td>
            <td className={classes.people}>{group.members.map((one) => one.name).join(", ") || t("channels.nobody")}</td>
            <td className={tables.wideOnly}>
              {channels
                .filter((one) => one.groups.some((assigned) => assigned.id === group.id))
                .map((one) => one.name)
                .join(", ") || "–"}
            </td>
            <td className={tables.end}>
              <Actions group={group} edit={() => edit(group)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Actions({ group, edit }: { group: Group; edit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const removeNow = async () => {
    try {
      await take(api.DELETE("/api/v1/groups/{id}", { params: { path: { id: group.id } } }));
      client.setQueryData(groupsQuery.queryKey, (old) => old?.filter((one) => one.id !== group.id));
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      noticeDone(t("done.deleted", { name: group.name }));
    } catch (error) {
      noticeError(error);
    }
  };
  const remove = () =>
    modals.openConfirmModal({
      title: t("confirm.delete", { name: group.name }),
      children: <Text size="sm">{t("confirm.deleteGroup")}</Text>,
      labels: { confirm: t("actions.delete"), cancel: t("common.cancel") },
      confirmProps: { color: "brick", ...{ "data-testid": "confirm" } },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => void removeNow(),
    });
  return (
    <Menu width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("actions.more", { name: group.name })} data-testid="group-menu">
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit} data-testid="group-edit">
          {t("groups.edit")}
        </Menu.Item>
        <Menu.Item color="var(--text-danger)" leftSection={<IconTrash size={16} />} onClick={remove} data-testid="group-delete">
          {t("actions.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
