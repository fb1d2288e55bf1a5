// One confirmation for many sessions, with where to, how far it is, and what was refused and why.
import { Button, Group, Modal, Progress, Select, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { channelsQuery, peopleQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { applyAnswer, applySessionGone } from "../../live/apply";
import { journal } from "../../live/journal";
import { sentence } from "../../parts/notices";
import classes from "./BulkBar.module.css";
import { allowing, runAll, type BulkAction, type BulkResult } from "./run";

interface BulkDialogProps {
  action: BulkAction;
  sessions: Session[];
  /** With whether anything was done. */
  close: (done: boolean) => void;
}

export function BulkDialog({ action, sessions, close }: BulkDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  // What is chosen may change in the list while this is open; what was confirmed does not.
  const [these] = useState(() => allowing(sessions, action));
  const [to, setTo] = useState<string | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const [results, setResults] = useState<BulkResult[] | null>(null);
  const needsPlace = action === "assign" || action === "transfer_channel";
  const failed = results?.filter((one) => one.error !== null) ?? [];
  const go = async () => {
    setDone(0);
    const all = await runAll(these, (session) => act(client, action, session, to ?? ""), setDone);
    setResults(all);
    if (all.every((one) => one.error === null)) close(true);
  };
  return (
    <Modal opened onClose={() => done === null || results ? close(results !== null) : undefined} title={t(`bulk.${action}Title`, { count: these.length })} closeButtonProps={{ "aria-label": t("common.close") }}>
      <Stack>
        {results === null && <Text size="sm">{t(`bulk.${action}Text`)}</Text>}
        {results === null && these.length < sessions.length && (
          <Text size="sm" c="dimmed">
            {t("bulk.notAll", { count: sessions.length - these.length })}
          </Text>
        )}
        {needsPlace && done === null && <Place action={action} value={to} choose={setTo} />}
        {done !== null && results === null && <Progress value={(100 * done) / these.length} aria-label={t("bulk.progress", { done, all: these.length })} />}
        {results && <Text role="status">{t("bulk.result", { done: results.length - failed.length, failed: failed.length })}</Text>}
        {failed.length > 0 && (
          <ul className={classes.results}>
            {failed.map(({ session, error }) => (
              <li key={session.id}>
                <strong>{session.name}</strong>
                {sentence(error)}
              </li>
            ))}
          </ul>
        )}
        <Group justify="flex-end">
          {results ? (
            <Button onClick={() => close(true)}>{t("common.close")}</Button>
          ) : (
            <>
              <Button variant="default" data-autofocus disabled={done !== null} onClick={() => close(false)}>
                {t("common.cancel")}
              </Button>
              <Button color={action === "delete" ? "brick" : undefined} disabled={needsPlace && !to} loading={done !== null} onClick={() => void go()} data-testid="confirm">
                {t(`bulk.${action}`)}
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Place({ action, value, choose }: { action: "assign" | "transfer_channel"; value: string | null; choose: (id: string | null) => void }) {
  const { t } = useTranslation();
  const people = useQuery({ ...peopleQuery, enabled: action === "assign" }).data ?? [];
  const channels = useQuery(channelsQuery).data ?? [];
  const choices = action === "assign" ? people : channels.filter((one) => one.kind !== "private");
  return (
    <Select
      searchable
      label={action === "assign" ? t("destination.technician") : t("sessions.channel")}
      nothingFoundMessage={t("palette.nothing")}
      data={choices.map((one) => ({ value: one.id, label: one.name }))}
      value={value}
      onChange={choose}
      data-testid="destination"
    />
  );
}

async function act(client: QueryClient, action: BulkAction, session: Session, to: string) {
  const at = { params: { path: { id: session.id } } };
  const asked = journal.now();
  switch (action) {
    case "release":
      return applyAnswer(client, await take(api.POST("/api/v1/sessions/{id}/release", at)), asked);
    case "close":
      return applyAnswer(client, await take(api.POST("/api/v1/sessions/{id}/close", at)), asked);
    case "assign":
      return applyAnswer(client, await take(api.POST("/api/v1/sessions/{id}/assign", { ...at, body: { technician_id: to } })), asked);
    case "transfer_channel":
      return applyAnswer(client, await take(api.POST("/api/v1/sessions/{id}/transfer-channel", { ...at, body: { channel_id: to } })), asked);
    case "delete":
      await take(api.DELETE("/api/v1/sessions/{id}", at));
      return applySessionGone(client, session.id);
  }
}
