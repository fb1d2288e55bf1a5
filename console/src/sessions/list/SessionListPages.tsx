// The pages that are a session list: Home, Private, and one channel.
import { Button, Text } from "@mantine/core";
import { IconHash, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { channelsQuery } from "../../api/queries";
import type { Channel } from "../../api/types";
import { useEnterCode } from "../../calls/EnterCode";
import { ChannelPage } from "../../channels/ChannelPage";
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
  return (
    <ChannelPage wide actions={(channel) => <NewSessionButton channel={channel} />}>
      {(channel) => <SessionList key={channel.id} channel={channel.id} kind="channel" />}
    </ChannelPage>
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
