// Somebody else saved the same settings while I was typing: says who and which, and lets me choose. Nothing is overwritten before.
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { useMay } from "../app/me";

/** Changes of its kind to look through for this one. */
const RECENT = 20;

interface ConflictProps {
  /** What the audit calls such a change. */
  action: "channel_changed" | "settings_changed";
  /** Which channel, as it is called now: the audit knows them by name. */
  channel?: string;
  /** The fields' names, as the form shows them. */
  fields: string[];
  keep: () => void;
  reload: () => void;
}

export function Conflict({ action, channel, fields, keep, reload }: ConflictProps) {
  const { t } = useTranslation();
  const who = useLastChange(action, channel, fields.join());
  const what = fields.join(", ");
  return (
    <Alert color="ember" icon={<IconAlertTriangle />} role="alert" title={who ? t("channels.changedBy", { name: who }) : t("channels.changed")} data-testid="channel-conflict">
      <Text size="sm">{t("channels.changedWhat", { fields: what })}</Text>
      <Group gap="xs" mt="sm">
        <Button variant="default" onClick={reload} data-testid="channel-theirs">
          {t("channels.takeTheirs")}
        </Button>
        <Button variant="default" onClick={keep} data-testid="channel-mine">
          {t("channels.keepMine")}
        </Button>
      </Group>
    </Alert>
  );
}

/** Only who may read the audit learns the name. */
function useLastChange(action: ConflictProps["action"], channel: string | undefined, fields: string): string | undefined {
  const mayAudit = useMay("audit.view");
  const last = useQuery({
    queryKey: ["last-change", action, channel, fields],
    queryFn: () => take(api.GET("/api/v1/audit", { params: { query: { action, limit: RECENT } } })),
    enabled: mayAudit,
    staleTime: 0,
  });
  return last.data?.items.find(({ detail }) => channel === undefined || detail === channel)?.actor;
}
