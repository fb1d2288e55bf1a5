// All channels I see: what they are for, how long their sessions live, who works in them.
import { ActionIcon, Badge, Button, Loader, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDotsVertical, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { useMay } from "../app/me";
import { applyChannelGone } from "../live/apply";
import { Failed } from "../parts/Failed";
import { span } from "../parts/moments";
import { noticeDone, noticeError } from "../parts/notices";
import { Page } from "../parts/Page";
import tables from "../parts/Table.module.css";
import { ChannelDialog } from "./ChannelDialog";
import { ChannelLink } from "./ChannelLink";
import classes from "./ChannelsPage.module.css";

export function ChannelsPage() {
  const { t } = useTranslation();
  const channels = useQuery(channelsQuery);
  const mayCreate = useMay("channel.create");
  const navigate = useNavigate();
  const { edit } = useSearch({ from: "/signed-in/frame/channels" });
  const [adding, setAdding] = useState(false);
  const edited = channels.data?.find((one) => one.id === edit);
  const setEdited = (id?: string) => void navigate({ to: "/channels", search: id ? { edit: id } : {}, replace: true });

  return (
    <Page
      title={t("frame.channels")}
      subtitle={t("channels.hint")}
      actions={
        mayCreate && (
          <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)} data-testid="new-channel">
            {t("channels.new")}
          </Button>
        )
      }
    >
      {channels.isPending && <Loader aria-label={t("common.loading")} />}
      {channels.isError && <Failed error={channels.error} retry={() => void channels.refetch()} />}
      {channels.data && <Table channels={channels.data} edit={setEdited} />}
      {adding && <ChannelDialog channel={null} close={() => setAdding(false)} />}
      {edited && <ChannelDialog key={edited.id} channel={edited} close={() => setEdited()} />}
    </Page>
  );
}

function Table({ channels, edit }: { channels: Channel[]; edit: (id: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          <th>{t("sessions.channel")}</th>
          <th className={tables.number}>{t("channels.open")}</th>
          <th className={tables.wideOnly}>{t("channels.expiration")}</th>
          <th className={tables.wideOnly}>{t("frame.technicians")}</th>
          <th className={tables.end}>
            <span className={tables.hidden}>{t("sessions.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {channels.map((channel) => (
          <Row key={channel.id} channel={channel} edit={() => edit(channel.id)} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ channel, edit }: { channel: Channel; edit: () => void }) {
  const { t, i18n } = useTranslation();
  const mine = channel.kind === "private";
  const people = channel.members.map((one) => one.name).join(", ");
  return (
    <tr data-testid={`channel-row-${channel.id}`}>
      <td>
        <ChannelLink channel={channel} isPrivate={mine} className={classes.name} />
        {channel.kind === "default" && (
          <Badge ml={8} variant="light" color="gray" tt="none">
            {t("channels.default")}
          </Badge>
        )}
        <div className={classes.description}>{mine ? t("sessions.privateHint") : channel.description || (channel.kind === "default" && t("channels.defaultHint"))}</div>
      </td>
      <td className={tables.number}>{channel.open_sessions}</td>
      <td className={tables.wideOnly}>{span(channel.expiration_s, i18n.language)}</td>
      <td className={tables.wideOnly}>
        <div className={classes.people} title={people}>
          {channel.kind === "shared" ? people || t("channels.nobody") : mine ? t("channels.onlyYou") : t("channels.everybody")}
        </div>
      </td>
      <td className={tables.end}>
        <Actions channel={channel} edit={edit} />
      </td>
    </tr>
  );
}

function Actions({ channel, edit }: { channel: Channel; edit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const mayEdit = channel.actions.includes("edit") || channel.actions.includes("manage_members");
  const mayRemove = channel.actions.includes("remove");
  if (!mayEdit && !mayRemove) return null;

  const removeNow = async () => {
    try {
      await take(api.DELETE("/api/v1/channels/{id}", { params: { path: { id: channel.id } } }));
      applyChannelGone(client, channel.id);
      noticeDone(t("done.channelRemoved", { name: channel.name }));
    } catch (error) {
      noticeError(error);
    }
  };
  const remove = () =>
    modals.openConfirmModal({
      title: t("confirm.channel", { name: channel.name }),
      children: <Text size="sm">{t("confirm.channelText")}</Text>,
      labels: { confirm: t("channels.remove"), cancel: t("common.cancel") },
      confirmProps: { color: "brick", ...{ "data-testid": "confirm" } },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => void removeNow(),
    });
  return (
    <Menu width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("actions.more", { name: channel.name })}>
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {mayEdit && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit}>
            {t("channels.edit")}
          </Menu.Item>
        )}
        {mayRemove && (
          <Menu.Item color="var(--text-danger)" leftSection={<IconTrash size={16} />} onClick={remove}>
            {t("channels.remove")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
