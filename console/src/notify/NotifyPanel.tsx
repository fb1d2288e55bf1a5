// My notifications, on the account page.
import { Button, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMe } from "../app/me";
import { Panel } from "../parts/Page";
import { canNotify, setNotifySettings, turnOnDesktop, useNotifySettings } from "./settings";
import { play } from "./tell";

export function NotifyPanel() {
  const { t } = useTranslation();
  const me = useMe()?.id ?? "";
  const settings = useNotifySettings(me);
  const [denied, setDenied] = useState(canNotify() && Notification.permission === "denied");
  const turn = async (on: boolean) => {
    if (on) setDenied(!(await turnOnDesktop(me)));
    else setNotifySettings(me, { desktop: false });
  };
  const attempt = () => {
    new Notification("Mayday", { body: t("notify.sample"), icon: "/mark.svg" });
    if (settings.sound) play();
  };
  const on = settings.desktop && !denied;
  return (
    <Panel title={t("notify.title")}>
      <Stack gap="sm" align="flex-start">
        <Switch label={t("notify.desktop")} description={t("notify.desktopHint")} disabled={!canNotify()} checked={on} onChange={(event) => void turn(event.currentTarget.checked)} data-testid="notify-desktop" />
        <Switch label={t("notify.sound")} disabled={!on} checked={settings.sound} onChange={(event) => setNotifySettings(me, { sound: event.currentTarget.checked })} data-testid="notify-sound" />
        {!canNotify() && (
          <Text size="sm" c="dimmed">
            {t("notify.unsupported")}
          </Text>
        )}
        {denied && <Text size="sm">{t("notify.denied")}</Text>}
        {on && (
          <Button size="xs" variant="default" onClick={attempt}>
            {t("notify.trial")}
          </Button>
        )}
      </Stack>
    </Panel>
  );
}
