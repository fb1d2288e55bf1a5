// What is typed and not saved yet, with the two ways on from there; nobody leaves it without being asked.
import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import classes from "./ChannelPage.module.css";
import { useUnsaved } from "./unsaved";

interface SaveBarProps {
  changed: boolean;
  /** What is to be decided first: it stays in sight with the bar. */
  conflict?: ReactNode;
  busy: boolean;
  undo: () => void;
}

export function SaveBar({ changed, conflict, busy, undo }: SaveBarProps) {
  const { t } = useTranslation();
  useUnsaved(changed);
  return (
    <div className={classes.foot}>
      {conflict && <div className={classes.conflict}>{conflict}</div>}
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
      <Button type="submit" loading={busy} disabled={!changed || Boolean(conflict)} data-testid="channel-save">
        {t("common.save")}
      </Button>
    </div>
  );
}
