// The pages that are a session list: Home, Private, and one channel.
import { Button, Text } from "@mantine/core";
import { IconHash, IconPlus, IconSettings } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { channelsQuery } from "../../api/queries";
import type { Channel } from "../../api/types";
import { ChannelTabs } from "../../calls/ChannelTabs";
import { useEnterCode } from "../../calls/EnterCode";
import { NotFoundPage } from "../../frame/FailurePage";
import { Page } from "../../parts/Page";
import { useNewSession } from "../new/NewSessionProvider";
import { SessionList } from "./SessionList";
import { HOME } from "./view";

export function HomePage() {
  const { t } = useTranslation();
  return (
    <Page wide title={t("frame.home")} subtitle={t("sessions.homeHint")} actions={<><EnterCodeButton /><NewSessionButton /></>}>
      <SessionList key={HOME} channel={HOME} kind="home" />
    </Page>
  );
}

export function PrivatePage() {
  const { t } = useTranslation();
  const channels = useQuery(channelsQuery);
  const mine = channels.data?.find((one) => one.kind === "private");
  if (channels.isSuccess && !mine) return <NotFoundPage />;
  return (
    <Page wide title={t("frame.private")} subtitle={t("sessions.privateHint")} actions={<NewSessionButton channel={mine} />}>
      {mine && <SessionList key={mine.id} channel={mine.id} kind="private" />}
    </Page>
  );
}

export function ChannelSessionsPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/signed-in/frame/channels/$id" });
  const navigate = useNavigate();
  const channels = useQuery(channelsQuery);
  const channel = channels.data?.find((one) => one.id === id);
  if (channels.isSuccess && !channel) return <NotFoundPage />;
  if (!channel) return <Page wide title={"\u00a0"}>{null}</Page>;
  const mayManage = channel.actions.includes("edit") || channel.actions.includes("manage_members");
  return (
    <Page
      wide
      title={channel.name}
      subtitle={channel.description || (channel.kind === "default" ? t("channels.defaultHint") : undefined)}
      actions={
        <>
          {mayManage && (
            <Button variant="default" leftSection={<IconSettings size={16} />} onClick={() => void navigate({ to: "/channels", search: { edit: id } })}>
              {t("channels.edit")}
            </Button>
          )}
          <NewSessionButton channel={channel} />
        </>
      }
    >
      <ChannelTabs channelId={id} current="sessions" />
      <SessionList key={id} channel={id} kind="channel" />
    </Page>
  );
}

function EnterCodeButton() {
  const { t } = useTranslation();
  const enterCode = useEnterCode();
  return (
    <Button variant="default" leftSection={<IconHash size={16} />} onClick={enterCode.open} data-testid="enter-code">
      {t("code.title")}
    </Button>
  );
}

function NewSessionButton({ channel }: { channel?: Channel }) {
  const { t } = useTranslation();
  const newSession = useNewSession();
  if (channel && !channel.actions.includes("create_session")) {
    return (
      <Text size="sm" c="dimmed">
        {t("sessions.mayNotCreate")}
      </Text>
    );
  }
  return (
    <Button visibleFrom="sm" data-testid="new-session" leftSection={<IconPlus size={17} />} onClick={() => newSession.open(channel?.id)}>
      {t("sessions.new")}
    </Button>
  );
}
