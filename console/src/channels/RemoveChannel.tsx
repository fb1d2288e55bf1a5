// The question before a channel is removed: how many sessions move, and where.
import { Loader, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery, channelTotalQuery } from "../api/queries";
import type { Channel } from "../api/types";
import { applyChannelGone } from "../live/apply";
import { noticeDone, noticeError } from "../parts/notices";

export function useRemoveChannel(channel: Channel) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const removeNow = async () => {
    try {
      await take(api.DELETE("/api/v1/channels/{id}", { params: { path: { id: channel.id } } }));
      applyChannelGone(client, channel.id);
      noticeDone(t("done.channelRemoved", { name: channel.name }));
    } catch (error) {
      noticeError(error);
    }
  };
  return () =>
    modals.openConfirmModal({
      title: t("confirm.channel", { name: channel.name }),
      children: <Moving channel={channel} />,
      labels: { confirm: t("channels.remove"), cancel: t("common.cancel") },
      confirmProps: { color: "brick", ...{ "data-testid": "confirm" } },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => void removeNow(),
    });
}

function Moving({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const total = useQuery(channelTotalQuery(channel.id));
  const home = useQuery(channelsQuery).data?.find((one) => one.kind === "default");
  if (total.isPending) return <Loader size="sm" aria-label={t("common.loading")} />;
  const count = total.data ?? channel.open_sessions;
  return (
    <Text size="sm">
      {count === 0 ? t("confirm.channelEmpty") : t("confirm.channelText", { count, open: channel.open_sessions, home: home?.name ?? "" })}
    </Text>
  );
}
