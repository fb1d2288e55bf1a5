// The two sides of a channel: its sessions, and the SOS Calls through which end users come into it.
import { Tabs } from "@mantine/core";
import { IconHeadset, IconLifebuoy } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

interface ChannelTabsProps {
  channelId: string;
  current: "sessions" | "calls";
}

export function ChannelTabs({ channelId, current }: ChannelTabsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const go = (to: string | null) => void navigate({ to: to === "calls" ? "/channels/$id/calls" : "/channels/$id", params: { id: channelId } });
  return (
    <Tabs value={current} onChange={go} mb="md">
      <Tabs.List>
        <Tabs.Tab value="sessions" leftSection={<IconHeadset size={16} />}>
          {t("calls.sessions")}
        </Tabs.Tab>
        <Tabs.Tab value="calls" leftSection={<IconLifebuoy size={16} />} data-testid="tab-calls">
          {t("calls.title")}
        </Tabs.Tab>
      </Tabs.List>
    </Tabs>
  );
}
