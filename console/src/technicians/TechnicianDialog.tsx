// Adds a technician (and then shows the set-up link) or changes one's name and role.
import { Button, Group, Modal, Select, Stack, TagsInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import type { Role, Technician } from "../api/types";
import { useMe } from "../app/me";
import { applyTechnician } from "../live/apply";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { noticeDone } from "../parts/notices";
import { SetUpLink } from "./SetUpLink";

const ROLES: Role[] = ["channel_technician", "channel_manager", "technician_manager", "owner"];

interface Fields {
  name: string;
  email: string;
  role: Role;
  skills: string[];
}

interface TechnicianDialogProps {
  /** Null: a new one. */
  technician: Technician | null;
  close: () => void;
}

export function TechnicianDialog({ technician, close }: TechnicianDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = useDraft<Fields>(technician ? `technician:${technician.id}` : "technician:new", technician ?? { name: "", email: "", role: "channel_technician", skills: [] });
  const save = useMutation({
    mutationFn: (fields: Fields) => send(technician, fields),
    onSuccess: (answer) => {
      draft.discard();
      applyTechnician(client, answer.technician);
      if (answer.link !== null) return;
      noticeDone(t("done.saved"));
      close();
    },
  });
  const link = save.data?.link ?? null;
  return (
    <Modal opened onClose={close} size={520} title={technician ? t("technicians.edit") : t("technicians.add")} closeButtonProps={{ "aria-label": t("common.close") }}>
      {link !== null && save.data ? (
        <Stack>
          <SetUpLink name={save.data.technician.name} link={link} />
          <Group justify="flex-end">
            <Button onClick={close} data-testid="technician-done">
              {t("created.done")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Form fields={draft.value} isNew={!technician} write={draft.write} save={() => save.mutate(draft.value)} busy={save.isPending} error={save.error} />
      )}
    </Modal>
  );
}

async function send(technician: Technician | null, { name, email, role, skills }: Fields): Promise<{ technician: Technician; link: string | null }> {
  if (!technician) {
    const made = await take(api.POST("/api/v1/technicians", { body: { name: name.trim(), email: email.trim(), role } }));
    return { technician: made.technician, link: made.setup_link };
  }
  const changed = await take(api.PATCH("/api/v1/technicians/{id}", { params: { path: { id: technician.id } }, body: { name: name.trim(), role, skills } }));
  return { technician: changed, link: null };
}

interface FormProps {
  fields: Fields;
  isNew: boolean;
  write: (fields: Fields) => void;
  save: () => void;
  busy: boolean;
  error: unknown;
}

function Form({ fields, isNew, write, save, busy, error }: FormProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { errorOf } = useFieldErrors(error, ["name", "email", "role", "skills"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save();
  };
  // Nobody can give more than they have.
  const roles = ROLES.filter((role) => me?.role === "owner" || role !== "owner");
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput data-autofocus required withAsterisk={false} label={t("technicians.name")} description={t("account.nameHint")} maxLength={64} value={fields.name} error={errorOf("name")} onChange={(event) => write({ ...fields, name: event.currentTarget.value })} data-testid="technician-name" />
        <TextInput required withAsterisk={false} type="email" label={t("signIn.email")} disabled={!isNew} value={fields.email} error={errorOf("email")} onChange={(event) => write({ ...fields, email: event.currentTarget.value })} data-testid="technician-email" />
        <Select
          label={t("technicians.role")}
          description={t(`roleHints.${fields.role}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          allowDeselect={false}
          value={fields.role}
          error={errorOf("role")}
          data={roles.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
          onChange={(role) => role && write({ ...fields, role: role as Role })}
          data-testid="technician-role"
        />
        {!isNew && <TagsInput label={t("channels.skills")} description={t("technicians.skillsHint")} maxTags={20} maxLength={32} value={fields.skills} error={errorOf("skills")} onChange={(skills) => write({ ...fields, skills })} data-testid="technician-skills" />}
        <Group justify="flex-end" mt="xs">
          <Button type="submit" loading={busy} data-testid="technician-save">
            {isNew ? t("technicians.add") : t("common.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
