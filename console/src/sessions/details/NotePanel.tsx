// The session's note, for technicians only. Saved on purpose, kept as a draft until then.
import { Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { useDraft } from "../../parts/draft";
import { useFieldErrors } from "../../parts/field-errors";
import { useSessionActions } from "../actions/use-session-actions";
import { SaveOrUndo } from "./SessionTitle";

const NOTE_MAX = 2000;

export function NotePanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const draft = useDraft(`session-note:${session.id}`, session.note);
  const save = useMutation({ mutationFn: (note: string) => actions.edit({ note }), onSuccess: draft.discard });
  const { errorOf } = useFieldErrors(save.error, ["note"]);
  const changed = draft.touched && draft.value !== session.note;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (changed) save.mutate(draft.value.trim());
  };
  return (
    <form onSubmit={submit}>
      <Textarea
        mt="sm"
        label={t("new.note")}
        placeholder={t("new.noteHint")}
        autosize
        minRows={3}
        maxRows={14}
        maxLength={NOTE_MAX}
        readOnly={!session.actions.includes("edit")}
        value={draft.value}
        error={errorOf("note")}
        onChange={(event) => draft.write(event.currentTarget.value)}
        data-testid="session-note"
      />
      {changed && <SaveOrUndo busy={save.isPending} undo={draft.discard} />}
    </form>
  );
}
