// All channels I see: what they are for, how long their sessions live, who works in them.
import { ActionIcon, Badge, Button, Loader, Menu } from "@mantine/core";
import { IconDotsVertical, IconPlus, IconSettings, IconShieldCheck, IconTrash, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { useMay } from "../app/me";
import { Failed } from "../parts/Failed";
import { span } from "../parts/moments";
import { Page } from "../parts/Page";
import tables from "../parts/Table.module.css";
import { ChannelDialog } from "./ChannelDialog";
import { ChannelLink } from "./ChannelLink";
import classes from "./ChannelsPage.module.css";
import { useRemoveChannel } from "./RemoveChannel";

export function ChannelsPage() {
  const { t } = useTranslation();
  const channels = useQuery(channelsQuery);
  const mayCreate = useMay("channel.create");
  const [adding, setAdding] = useState(false);
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
      {channels.data && <Table channels={channels.data} />}
      {adding && <ChannelDialog close={() => setAdding(false)} />}
    </Page>
  );
}

function Table({ channels }: { channels: Channel[] }) {
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
          <Row key={channel.id} channel={channel} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ channel }: { channel: Channel }) {
  const { t, i18n } = useTranslation();
  const mine = channel.kind === "private";
  const people = [...channel.groups, ...channel.members].map((one) => one.name).join(", ");
  return (
    <tr data-testid={`channel-row-${channel.id}`}>
      <td>
        <ChannelLink channel={channel} isPrivate={mine} className={classes.name} />
        {channel.kind === "default" && (
          <Badge ml={8} miw="max-content" variant="light" color="gray" tt="none">
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
        <Actions channel={channel} />
      </td>
    </tr>
  );
}

function Actions({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const remove = useRemoveChannel(channel);
  const may = (action: Channel["actions"][number]) => channel.actions.includes(action);
  const params = { id: channel.id };
  if (!may("edit") && !may("manage_permissions") && !may("remove")) return null;
  return (
    <Menu width={200}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("actions.more", { name: channel.name })}>
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {may("edit") && (
          <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => void navigate({ to: "/channels/$id/settings", params })}>
            {t("channels.settings")}
          </Menu.Item>
        )}
        {may("manage_members") && (
          <Menu.Item leftSection={<IconUsers size={16} />} onClick={() => void navigate({ to: "/channels/$id/people", params })}>
            {t("channels.people")}
          </Menu.Item>
        )}
        {may("manage_permissions") && (
          <Menu.Item leftSection={<IconShieldCheck size={16} />} onClick={() => void navigate({ to: "/channels/$id/permissions", params })}>
            {t("channels.permissions")}
          </Menu.Item>
        )}
        {may("remove") && (
          <Menu.Item color="var(--text-danger)" leftSection={<IconTrash size={16} />} onClick={remove}>
            {t("channels.remove")}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
