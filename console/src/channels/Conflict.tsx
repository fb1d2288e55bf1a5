// Somebody else saved the same settings while I was typing: says who and which, and lets me choose. Nothing is overwritten before.
import { Alert, Button, Group, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { useMay } from "../app/me";

/** Changes of channels to look through for this one's. */
const RECENT = 20;

interface ConflictProps {
  /** As it is called now: the audit knows channels by name. */
  channel: string;
  /** The fields' names, as the form shows them. */
  fields: string[];
  keep: () => void;
  reload: () => void;
}

export function Conflict({ channel, fields, keep, reload }: ConflictProps) {
  const { t } = useTranslation();
  const who = useLastChange(channel, fields.join());
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
function useLastChange(channel: string, fields: string): string | undefined {
  const mayAudit = useMay("audit.view");
  const last = useQuery({
    queryKey: ["channel-changed", channel, fields],
    queryFn: () => take(api.GET("/api/v1/audit", { params: { query: { action: "channel_changed", limit: RECENT } } })),
    enabled: mayAudit,
    staleTime: 0,
  });
  return last.data?.items.find(({ detail }) => detail === channel)?.actor;
}
