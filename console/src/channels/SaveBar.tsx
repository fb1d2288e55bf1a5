// What is typed and not saved yet, with the two ways on from there; nobody leaves it without being asked.
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

import classes from "./ChannelPage.module.css";
import { useUnsaved } from "./unsaved";

interface SaveBarProps {
  changed: boolean;
  /** Something is to be decided first. */
  blocked?: boolean;
  busy: boolean;
  undo: () => void;
}

export function SaveBar({ changed, blocked = false, busy, undo }: SaveBarProps) {
  const { t } = useTranslation();
  useUnsaved(changed);
  return (
    <div className={classes.foot}>
      {changed && (
        <>
          <span className={classes.unsaved} role="status">
            {t("channels.unsaved")}
          </span>
          <Button variant="default" onClick={undo}>
            {t("common.undo")}
          </Button>
        </>
      )}
      <Button type="submit" loading={busy} disabled={!changed || blocked} data-testid="channel-save">
        {t("common.save")}
      </Button>
    </div>
  );
}
