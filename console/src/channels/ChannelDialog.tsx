// Makes a channel or changes one: name, times, what is asked for, and who works in it.
import { Button, Group, Modal, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { peopleQuery } from "../api/queries";
import type { Channel, Rights } from "../api/types";
import { applyChannel } from "../live/apply";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { span } from "../parts/moments";
import { noticeDone } from "../parts/notices";
import { saveChannel, type ChannelFields } from "./save-channel";

/** Seconds: 15 min, 30 min, 1 h, 4 h, 8 h, 1 d, 3 d, 7 d. */
const EXPIRATIONS_S = [900, 1800, 3600, 14_400, 28_800, 86_400, 259_200, 604_800];
const PIN_VALIDITIES_S = [300, 900, 1800, 3600, 14_400, 28_800, 86_400];
const FIELDS = ["name", "description", "expiration_s", "pin_valid_s", "max_open_sessions"];

interface ChannelDialogProps {
  /** Null: a new one. */
  channel: Channel | null;
  close: () => void;
}

export function ChannelDialog({ channel, close }: ChannelDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = useDraft<ChannelFields>(channel ? `channel:${channel.id}` : "channel:new", fieldsOf(channel));
  const save = useMutation({
    mutationFn: () => saveChannel(channel, draft.value),
    onSuccess: (saved) => {
      draft.discard();
      applyChannel(client, saved);
      noticeDone(t("done.saved"));
      close();
    },
  });
  // Closing an edit takes it back; a new channel half typed is kept.
  const leave = () => {
    if (channel) draft.discard();
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={leave} size={560} title={channel ? t("channels.edit") : t("channels.new")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Settings channel={channel} fields={draft.value} write={draft.write} error={save.error} />
          <Members channel={channel} fields={draft.value} write={draft.write} />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={leave}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="channel-save">
              {channel ? t("common.save") : t("channels.create")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function fieldsOf(channel: Channel | null): ChannelFields {
  if (!channel) return { name: "", description: "", expiration_s: 86_400, pin_valid_s: 900, default_rights: "control", max_open_sessions: 500, members: [] };
  const { name, description, expiration_s, pin_valid_s, default_rights, max_open_sessions } = channel;
  return { name, description, expiration_s, pin_valid_s, default_rights, max_open_sessions, members: channel.members.map((one) => one.id) };
}

interface PartProps {
  channel: Channel | null;
  fields: ChannelFields;
  write: (fields: ChannelFields) => void;
}

function Settings({ channel, fields, write, error }: PartProps & { error: unknown }) {
  const { t, i18n } = useTranslation();
  const { errorOf } = useFieldErrors(error, FIELDS);
  const fixed = channel !== null && !channel.actions.includes("edit");
  const spans = (choices: number[], chosen: number) =>
    [...new Set([...choices, chosen])].sort((a, b) => a - b).map((seconds) => ({ value: String(seconds), label: span(seconds, i18n.language) }));
  return (
    <>
      <TextInput data-autofocus required withAsterisk={false} label={t("channels.name")} maxLength={64} disabled={fixed} value={fields.name} error={errorOf("name")} onChange={(event) => write({ ...fields, name: event.currentTarget.value })} data-testid="channel-name" />
      <Textarea label={t("channels.description")} autosize minRows={1} maxRows={5} disabled={fixed} value={fields.description} error={errorOf("description")} onChange={(event) => write({ ...fields, description: event.currentTarget.value })} />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select label={t("channels.expiration")} description={t("channels.expirationHint")} allowDeselect={false} disabled={fixed} value={String(fields.expiration_s)} data={spans(EXPIRATIONS_S, fields.expiration_s)} error={errorOf("expiration_s")} onChange={(value) => write({ ...fields, expiration_s: Number(value) })} />
        <Select label={t("channels.pinValid")} description={t("channels.pinValidHint")} allowDeselect={false} disabled={fixed} value={String(fields.pin_valid_s)} data={spans(PIN_VALIDITIES_S, fields.pin_valid_s)} error={errorOf("pin_valid_s")} onChange={(value) => write({ ...fields, pin_valid_s: Number(value) })} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <Select
          label={t("channels.rights")}
          allowDeselect={false}
          disabled={fixed}
          value={fields.default_rights}
          data={(["control", "view"] satisfies Rights[]).map((rights) => ({ value: rights, label: t(`rights.${rights}`) }))}
          onChange={(value) => write({ ...fields, default_rights: value as Rights })}
        />
        <NumberInput label={t("channels.max")} min={1} max={10_000} allowDecimal={false} clampBehavior="blur" disabled={fixed} value={fields.max_open_sessions} error={errorOf("max_open_sessions")} onChange={(value) => write({ ...fields, max_open_sessions: Number(value) })} />
      </SimpleGrid>
    </>
  );
}

function Members({ channel, fields, write }: PartProps) {
  const { t } = useTranslation();
  const people = useQuery(peopleQuery).data ?? [];
  if (channel && channel.kind !== "shared") return null;
  const fixed = channel !== null && !channel.actions.includes("manage_members");
  // Somebody who cannot sign in at the moment stays a member all the same.
  const known = new Map([...(channel?.members ?? []), ...people].map((one) => [one.id, one.name]));
  return (
    <MultiSelect
      label={t("frame.technicians")}
      description={t("channels.membersHint")}
      searchable
      hidePickedOptions
      disabled={fixed}
      nothingFoundMessage={t("palette.nothing")}
      data={[...known].map(([value, label]) => ({ value, label }))}
      value={fields.members}
      onChange={(members) => write({ ...fields, members })}
      data-testid="channel-members"
    />
  );
}
