// Says that the lists are not live at the moment. Short interruptions pass unnoticed.
import { IconCloudOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { useStreamState } from "../live/LiveProvider";
import classes from "./ConnectionBanner.module.css";

const GRACE_MS = 1500;

export function ConnectionBanner() {
  const { t } = useTranslation();
  const lost = useStreamState() !== "live";
  const [shown, setShown] = useState(false);

  useEffect(() => {
    if (!lost) return setShown(false);
    const timer = setTimeout(() => setShown(true), GRACE_MS);
    return () => clearTimeout(timer);
  }, [lost]);

  return (
    <div role="status" className={classes.place}>
      {shown && (
        <div className={classes.banner}>
          <IconCloudOff size={16} aria-hidden />
          <span>{t("frame.reconnecting")}</span>
        </div>
      )}
    </div>
  );
}
