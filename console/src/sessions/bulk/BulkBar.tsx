// What can be done to all chosen sessions at once.
import { Button, CloseButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import classes from "./BulkBar.module.css";
import { BulkDialog } from "./BulkDialog";
import { allowing, BULK_ACTIONS, type BulkAction } from "./run";
import type { Selection } from "./use-selection";

export function BulkBar({ selection }: { selection: Selection }) {
  const { t } = useTranslation();
  const [action, setAction] = useState<BulkAction | null>(null);
  const { chosen } = selection;
  if (chosen.length === 0) return null;
  const possible = BULK_ACTIONS.filter((one) => allowing(chosen, one).length > 0);
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("bulk.title")} data-testid="bulk-bar">
      <span className={classes.count} role="status">
        {t("bulk.chosen", { count: chosen.length })}
      </span>
      <Button size="xs" variant="subtle" onClick={selection.all}>
        {t("bulk.all")}
      </Button>
      <span className={classes.actions}>
        {possible.map((one) => (
          <Button key={one} size="xs" variant="default" color={one === "delete" ? "brick" : undefined} onClick={() => setAction(one)} data-testid={`bulk-${one}`}>
            {t(`bulk.${one}`)}
          </Button>
        ))}
      </span>
      <CloseButton aria-label={t("bulk.clear")} onClick={selection.clear} />
      {action && (
        <BulkDialog
          action={action}
          sessions={chosen}
          close={(done) => {
            setAction(null);
            if (done) selection.clear();
          }}
        />
      )}
    </div>
  );
}
