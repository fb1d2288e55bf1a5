// Name, note and channel of a new session. What was typed stays until it is sent, whatever happens.
import { Button, Group, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { channelsQuery, linkQuery, pinQuery } from "../../api/queries";
import type { Channel, Session } from "../../api/types";
import { applySession } from "../../live/apply";
import { useDraft } from "../../parts/draft";
import { useFieldErrors } from "../../parts/field-errors";

const NAME_MAX = 64;
const NOTE_MAX = 2000;

interface Fields {
  name: string;
  note: string;
  /** The channel that was chosen on purpose. */
  picked?: string;
}

interface NewSessionFormProps {
  /** The channel that is chosen at first. */
  channelId?: string;
  created: (session: Session) => void;
}

export function NewSessionForm({ channelId, created }: NewSessionFormProps) {
  const { t } = useTranslation();
  const channels = (useQuery(channelsQuery).data ?? []).filter((one) => one.actions.includes("create_session"));
  const draft = useDraft<Fields>("new-session", { name: "", note: "" });
  const fields = draft.value;
  const offered = channels.find((one) => one.id === channelId) ?? channels.find((one) => one.kind === "default") ?? channels[0];
  const chosen = channels.find((one) => one.id === fields.picked)?.id ?? offered?.id ?? null;
  const create = useCreate((session) => {
    draft.discard();
    created(session);
  });
  const { errorOf } = useFieldErrors(create.error, ["name", "note", "channel_id"]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: fields.name.trim(), note: fields.note.trim(), channel_id: chosen ?? undefined });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label={t("new.name")}
          placeholder={t("new.namePlaceholder")}
          maxLength={NAME_MAX}
          required
          withAsterisk={false}
          value={fields.name}
          error={errorOf("name")}
          onChange={(event) => draft.write({ ...fields, name: event.currentTarget.value })}
          data-testid="new-session-name"
        />
        <Textarea
          label={t("new.note")}
          description={t("new.noteHint")}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={NOTE_MAX}
          value={fields.note}
          error={errorOf("note")}
          onChange={(event) => draft.write({ ...fields, note: event.currentTarget.value })}
          data-testid="new-session-note"
        />
        <ChannelChoice channels={channels} value={chosen} error={errorOf("channel_id")} choose={(channel) => draft.write({ ...fields, picked: channel ?? undefined })} />
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={create.isPending} data-testid="new-session-create">
            {t("new.create")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ChannelChoiceProps {
  channels: Channel[];
  value: string | null;
  error: string | undefined;
  choose: (id: string | null) => void;
}

function ChannelChoice({ channels, value, error, choose }: ChannelChoiceProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={t("sessions.channel")}
      data={channels.map((one) => ({ value: one.id, label: one.kind === "private" ? t("frame.private") : one.name }))}
      value={value}
      onChange={choose}
      allowDeselect={false}
      error={error}
      data-testid="new-session-channel"
    />
  );
}

function useCreate(created: (session: Session) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { name: string; note: string; channel_id?: string }) => take(api.POST("/api/v1/sessions", { body })),
    onSuccess: ({ link, pin, pin_expires_at, ...session }) => {
      client.setQueryData(linkQuery(session.id).queryKey, { link });
      client.setQueryData(pinQuery(session.id).queryKey, { pin, expires_at: pin_expires_at, locked_until: null });
      applySession(client, session);
      created(session);
    },
  });
}
