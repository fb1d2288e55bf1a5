// Offers notifications once, where a queue is looked at: the browser is asked only after somebody said yes here.
import { Button } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { useMe } from "../app/me";
import classes from "./Notify.module.css";
import { canNotify, setNotifySettings, turnOnDesktop, useNotifySettings } from "./settings";

export function NotifyOffer() {
  const { t } = useTranslation();
  const me = useMe()?.id ?? "";
  const settings = useNotifySettings(me);
  if (settings.asked || settings.desktop || !canNotify() || Notification.permission === "denied") return null;
  return (
    <aside className={classes.offer} aria-label={t("notify.title")}>
      <IconBell size={18} aria-hidden />
      <span className={classes.words}>{t("notify.offer")}</span>
      <Button size="xs" onClick={() => void turnOnDesktop(me)} data-testid="notify-on">
        {t("notify.turnOn")}
      </Button>
      <Button size="xs" variant="subtle" onClick={() => setNotifySettings(me, { asked: true })}>
        {t("notify.notNow")}
      </Button>
    </aside>
  );
}
