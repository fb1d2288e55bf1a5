// The session's name, editable in place. What was typed stays until it is saved or taken back.
import { Button, Group, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { useDraft } from "../../parts/draft";
import { useFieldErrors } from "../../parts/field-errors";
import { useSessionActions } from "../actions/use-session-actions";

const NAME_MAX = 64;

export function SessionTitle({ session }: { session: Session }) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const draft = useDraft(`session-name:${session.id}`, session.name);
  const save = useMutation({ mutationFn: (name: string) => actions.edit({ name }), onSuccess: draft.discard });
  const { errorOf } = useFieldErrors(save.error, ["name"]);
  const changed = draft.touched && draft.value !== session.name;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed && draft.value.trim()) save.mutate(draft.value.trim());
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label={t("new.name")}
        maxLength={NAME_MAX}
        readOnly={!session.actions.includes("edit")}
        value={draft.value}
        error={errorOf("name")}
        onChange={(event) => draft.write(event.currentTarget.value)}
        data-testid="session-name"
      />
      {changed && <SaveOrUndo busy={save.isPending} undo={draft.discard} disabled={!draft.value.trim()} />}
    </form>
  );
}

export function SaveOrUndo({ busy, undo, disabled = false }: { busy: boolean; undo: () => void; disabled?: boolean }) {
  const { t } = useTranslation();
  return (
    <Group gap="xs" justify="flex-end" mt={8}>
      <Button size="xs" variant="default" onClick={undo}>
        {t("common.undo")}
      </Button>
      <Button size="xs" type="submit" loading={busy} disabled={disabled} data-testid="session-save">
        {t("common.save")}
      </Button>
    </Group>
  );
}
