// The SOS Calls of one channel: their links to hand out, whether they take requests, and what can be done about them.
import { ActionIcon, Badge, Button, Loader, Menu, Modal, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDotsVertical, IconLifebuoy, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlus, IconQrcode, IconTrash } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { callsQuery, channelsQuery } from "../api/queries";
import type { Call } from "../api/types";
import { ChannelTabs } from "../channels/ChannelPage";
import { NotFoundPage } from "../frame/FailurePage";
import { CopyText } from "../parts/CopyText";
import { Failed } from "../parts/Failed";
import { noticeDone, noticeError } from "../parts/notices";
import { Empty, Page } from "../parts/Page";
import { QrCode } from "../parts/QrCode";
import { CallDialog } from "./CallDialog";
import classes from "./CallsPage.module.css";

export function CallsPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/signed-in/frame/channels/$id/calls" });
  const channels = useQuery(channelsQuery);
  const channel = channels.data?.find((one) => one.id === id);
  const calls = useQuery(callsQuery(id));
  const [edited, edit] = useState<Call | "new" | null>(null);
  if (channels.isSuccess && !channel) return <NotFoundPage />;
  const mayManage = channel?.actions.includes("manage_calls") ?? false;
  const add = mayManage && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => edit("new")} data-testid="new-call">
      {t("calls.new")}
    </Button>
  );
  return (
    <Page title={channel?.name ?? "\u00a0"} subtitle={t("calls.hint")} actions={add}>
      {channel && <ChannelTabs channel={channel} />}
      {calls.isPending && <Loader aria-label={t("common.loading")} />}
      {calls.isError && <Failed error={calls.error} retry={() => void calls.refetch()} />}
      {calls.data?.length === 0 && <Empty icon={<IconLifebuoy size={30} />} title={t("calls.none")} hint={mayManage ? t("calls.noneHint") : t("calls.noneForMe")} action={add} />}
      <ul className={classes.calls}>
        {calls.data?.map((call) => (
          <Card key={call.id} call={call} edit={() => edit(call)} />
        ))}
      </ul>
      {edited && <CallDialog key={edited === "new" ? "new" : edited.id} channelId={id} call={edited === "new" ? null : edited} close={() => edit(null)} />}
    </Page>
  );
}

function Card({ call, edit }: { call: Call; edit: () => void }) {
  const { t } = useTranslation();
  const [showsCode, showCode] = useState(false);
  return (
    <li className={classes.call} data-paused={call.paused || undefined} data-testid={`call-${call.id}`}>
      <div className={classes.head}>
        <h2 className={classes.name}>{call.name}</h2>
        <Badge variant="light" color={call.paused ? "gray" : "moss"} tt="none">
          {call.paused ? t("calls.paused") : t("calls.open")}
        </Badge>
        {call.may_manage && <Actions call={call} edit={edit} />}
      </div>
      <p className={classes.facts}>
        {call.technician ? t("calls.to", { name: call.technician.name }) : t("calls.toQueue")}
        {" · "}
        {t("calls.fieldCount", { count: call.fields.length + 2 })}
      </p>
      {call.link && (
        <div className={classes.link}>
          <CopyText text={call.link} label={t("calls.link")} copyLabel={t("calls.copyLink")} testId="call-link" />
          <ActionIcon variant="default" size={36} onClick={() => showCode(true)} aria-label={t("calls.qr")} title={t("calls.qr")}>
            <IconQrcode size={19} />
          </ActionIcon>
        </div>
      )}
      {call.link && (
        <Modal opened={showsCode} onClose={() => showCode(false)} title={call.name} size="auto" closeButtonProps={{ "aria-label": t("common.close") }}>
          <QrCode text={call.link} label={t("calls.qr")} size={280} />
        </Modal>
      )}
    </li>
  );
}

function Actions({ call, edit }: { call: Call; edit: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const at = { params: { path: { id: call.id } } };
  const done = async (work: Promise<unknown>, words: string) => {
    try {
      await work;
      await client.invalidateQueries({ queryKey: callsQuery(call.channel_id).queryKey });
      noticeDone(words);
    } catch (error) {
      noticeError(error);
    }
  };
  const pause = () => done(take(api.POST("/api/v1/calls/{id}/pause", at)), t("calls.donePaused", { name: call.name }));
  const resume = () => done(take(api.POST("/api/v1/calls/{id}/resume", at)), t("calls.doneResumed", { name: call.name }));
  const removeNow = () => done(take(api.DELETE("/api/v1/calls/{id}", at)), t("calls.doneDeleted", { name: call.name }));
  const remove = () =>
    modals.openConfirmModal({
      title: t("calls.confirm", { name: call.name }),
      children: <Text size="sm">{t("calls.confirmText")}</Text>,
      labels: { confirm: t("calls.delete"), cancel: t("common.cancel") },
      confirmProps: { color: "brick", ...{ "data-testid": "confirm" } },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => void removeNow(),
    });
  return (
    <Menu width={200} position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} className={classes.more} aria-label={t("actions.more", { name: call.name })} data-testid="call-actions">
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit} data-testid="call-edit">
          {t("calls.edit")}
        </Menu.Item>
        {call.paused ? (
          <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => void resume()} data-testid="call-resume">
            {t("calls.resume")}
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => void pause()} data-testid="call-pause">
            {t("calls.pause")}
          </Menu.Item>
        )}
        <Menu.Item color="var(--text-danger)" leftSection={<IconTrash size={16} />} onClick={remove} data-testid="call-delete">
          {t("calls.delete")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
