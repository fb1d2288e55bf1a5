// Makes an SOS Call or changes one: its name, who gets its requests, and its form, with what the end user will see beside it.
import { ActionIcon, Button, Checkbox, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { callsQuery, peopleQuery } from "../api/queries";
import type { Call, CallField } from "../api/types";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { noticeDone } from "../parts/notices";
import { FIELDS_MAX, fieldsOf, fieldsToSend, moved, withNewField, type CallFields, type EditedField } from "./call-fields";
import classes from "./CallsPage.module.css";
import { FormPreview } from "./FormPreview";

const KINDS: CallField["kind"][] = ["text", "long_text", "choice"];

interface CallDialogProps {
  channelId: string;
  /** Null: a new one. */
  call: Call | null;
  close: () => void;
}

export function CallDialog({ channelId, call, close }: CallDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = useDraft<CallFields>(call ? `call:${call.id}` : `call:new:${channelId}`, fieldsOf(call));
  const people = useQuery(peopleQuery).data ?? [];
  const save = useMutation({
    mutationFn: () => send(channelId, call, draft.value),
    onSuccess: async () => {
      draft.discard();
      await client.invalidateQueries({ queryKey: callsQuery(channelId).queryKey });
      noticeDone(t("done.saved"));
      close();
    },
  });
  const { errorOf } = useFieldErrors(save.error, ["name", "technician_id", "fields"]);
  const value = draft.value;
  const write = (changes: Partial<CallFields>) => draft.write({ ...value, ...changes });
  // Closing an edit takes it back; a new one half typed is kept.
  const leave = () => {
    if (call) draft.discard();
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={leave} size={880} title={call ? t("calls.edit") : t("calls.new")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit} className={classes.editor}>
        <Stack gap="sm">
          <TextInput data-autofocus required withAsterisk={false} label={t("calls.name")} description={t("calls.nameHint")} maxLength={64} value={value.name} error={errorOf("name")} onChange={(event) => write({ name: event.currentTarget.value })} data-testid="call-name" />
          <Select
            label={t("calls.technician")}
            description={t("calls.technicianHint")}
            searchable
            clearable
            placeholder={t("calls.nobody")}
            data={people.map((one) => ({ value: one.id, label: one.name }))}
            value={value.technician || null}
            error={errorOf("technician_id")}
            onChange={(technician) => write({ technician: technician ?? "" })}
          />
          <FieldList fields={value.fields} write={(fields) => write({ fields })} error={errorOf("fields")} />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={leave}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="call-save">
              {call ? t("common.save") : t("calls.create")}
            </Button>
          </Group>
        </Stack>
        <FormPreview fields={value} />
      </form>
    </Modal>
  );
}

async function send(channelId: string, call: Call | null, value: CallFields): Promise<Call> {
  const fields = fieldsToSend(value.fields);
  const name = value.name.trim();
  if (call) return take(api.PATCH("/api/v1/calls/{id}", { params: { path: { id: call.id } }, body: { name, technician_id: value.technician, fields } }));
  return take(api.POST("/api/v1/channels/{id}/calls", { params: { path: { id: channelId } }, body: { name, technician_id: value.technician || null, fields } }));
}

interface FieldListProps {
  fields: EditedField[];
  write: (fields: EditedField[]) => void;
  error?: string;
}

function FieldList({ fields, write, error }: FieldListProps) {
  const { t } = useTranslation();
  const change = (index: number, changes: Partial<EditedField>) => write(fields.map((one, at) => (at === index ? { ...one, ...changes } : one)));
  return (
    <Stack gap="xs" role="group" aria-label={t("calls.form")}>
      <div>
        <strong>{t("calls.form")}</strong>
        <div className={classes.previewHint}>{t("calls.formHint")}</div>
      </div>
      {fields.map((field, index) => (
        <div key={field.key} className={classes.field}>
          <div className={classes.fieldRow}>
            <TextInput label={t("calls.label")} maxLength={64} required withAsterisk={false} value={field.label} onChange={(event) => change(index, { label: event.currentTarget.value })} data-testid={`call-label-${index}`} />
            <Select
              label={t("calls.kind")}
              w={150}
              allowDeselect={false}
              value={field.kind}
              data={KINDS.map((kind) => ({ value: kind, label: t(`calls.kinds.${kind}`) }))}
              onChange={(kind) => change(index, { kind: kind as CallField["kind"] })}
              data-testid={`call-kind-${index}`}
            />
          </div>
          {field.kind === "choice" && <Textarea label={t("calls.options")} description={t("calls.optionsHint")} autosize minRows={2} maxRows={8} value={field.options} onChange={(event) => change(index, { options: event.currentTarget.value })} data-testid={`call-options-${index}`} />}
          <Group justify="space-between">
            <Checkbox label={t("calls.required")} checked={field.required} onChange={(event) => change(index, { required: event.currentTarget.checked })} data-testid={`call-required-${index}`} />
            <Group gap={4}>
              <ActionIcon variant="subtle" color="gray" disabled={index === 0} onClick={() => write(moved(fields, index, -1))} aria-label={t("calls.up", { label: field.label })}>
                <IconArrowUp size={16} />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" disabled={index === fields.length - 1} onClick={() => write(moved(fields, index, 1))} aria-label={t("calls.down", { label: field.label })}>
                <IconArrowDown size={16} />
              </ActionIcon>
              <ActionIcon variant="subtle" color="gray" onClick={() => write(fields.filter((_, at) => at !== index))} aria-label={t("calls.removeField", { label: field.label })}>
                <IconX size={16} />
              </ActionIcon>
            </Group>
          </Group>
        </div>
      ))}
      {error && (
        <div role="alert" style={{ color: "var(--mantine-color-error)" }}>
          {error}
        </div>
      )}
      <Button variant="default" leftSection={<IconPlus size={16} />} disabled={fields.length >= FIELDS_MAX} onClick={() => write(withNewField(fields, "text"))} data-testid="call-add-field">
        {t("calls.addField")}
      </Button>
    </Stack>
  );
}
