// Notes on a session, for technicians only: several, each with author and time. Own ones can be changed and deleted.
import { Button, Group, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { notesQuery } from "../../api/queries";
import type { Note, Session } from "../../api/types";
import { useMe } from "../../app/me";
import { readDraft, useDraft } from "../../parts/draft";
import { Failed } from "../../parts/Failed";
import { useFieldErrors } from "../../parts/field-errors";
import { fullMoment, moment } from "../../parts/moments";
import { noticeError } from "../../parts/notices";
import { Panel } from "../../parts/Page";
import classes from "./NotesPanel.module.css";

const NOTE_MAX = 2000;

export function NotesPanel({ session }: { session: Session }) {
  const { t } = useTranslation();
  const me = useMe();
  const notes = useQuery(notesQuery(session.id));
  const mayNote = session.actions.includes("note");
  return (
    <Panel title={t("notes.title")}>
      {notes.error && !notes.data && <Failed error={notes.error} retry={() => void notes.refetch()} />}
      {notes.data && notes.data.length > 0 && (
        <ul className={classes.list}>
          {notes.data.map((note) => (
            <Item key={note.id} session={session} note={note} isOwn={mayNote && note.author.id === me?.id} />
          ))}
        </ul>
      )}
      {notes.data?.length === 0 && <p className={classes.none}>{t("notes.none")}</p>}
      {mayNote && <NewNote session={session} />}
    </Panel>
  );
}

function useReload(session: Session) {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: notesQuery(session.id).queryKey });
}

function Item({ session, note, isOwn }: { session: Session; note: Note; isOwn: boolean }) {
  const { t, i18n } = useTranslation();
  const draftKey = `note:${note.id}`;
  const [edits, setEdits] = useState(() => readDraft<string>(draftKey) !== undefined);
  const reload = useReload(session);
  const path = { params: { path: { id: session.id, note_id: note.id } } };
  const remove = useMutation({ mutationFn: () => take(api.DELETE("/api/v1/sessions/{id}/notes/{note_id}", path)), onSuccess: reload, onError: noticeError });
  return (
    <li className={classes.note}>
      <div className={classes.head}>
        <strong>{note.author.name}</strong>
        <time dateTime={note.at} title={fullMoment(note.at, i18n.language)}>
          {moment(note.at, i18n.language)}
        </time>
        {note.edited_at && <span title={fullMoment(note.edited_at, i18n.language)}>{t("notes.edited")}</span>}
      </div>
      {edits ? <EditNote session={session} note={note} draftKey={draftKey} done={() => setEdits(false)} /> : <p className={classes.text}>{note.text}</p>}
      {isOwn && !edits && (
        <Group gap={4}>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setEdits(true)} data-testid="note-edit">
            {t("notes.edit")}
          </Button>
          <Delete busy={remove.isPending} remove={() => remove.mutate()} />
        </Group>
      )}
    </li>
  );
}

/** Pressed once it asks, pressed again it deletes. */
function Delete({ busy, remove }: { busy: boolean; remove: () => void }) {
  const { t } = useTranslation();
  const [asks, setAsks] = useState(false);
  return (
    <Button size="compact-xs" variant={asks ? "light" : "subtle"} color={asks ? "brick" : "gray"} loading={busy} onClick={() => (asks ? remove() : setAsks(true))} onBlur={() => setAsks(false)} data-testid="note-delete">
      {t(asks ? "notes.deleteSure" : "notes.delete")}
    </Button>
  );
}

function EditNote({ session, note, draftKey, done }: { session: Session; note: Note; draftKey: string; done: () => void }) {
  const { t } = useTranslation();
  const reload = useReload(session);
  const draft = useDraft(draftKey, note.text);
  const path = { params: { path: { id: session.id, note_id: note.id } } };
  const leave = () => {
    draft.discard();
    done();
  };
  const save = useMutation({
    mutationFn: () => take(api.PATCH("/api/v1/sessions/{id}/notes/{note_id}", { ...path, body: { text: draft.value } })),
    onSuccess: async () => {
      await reload();
      leave();
    },
  });
  const { errorOf } = useFieldErrors(save.error, ["text"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.value.trim()) save.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Textarea autosize minRows={2} maxRows={10} maxLength={NOTE_MAX} autoFocus aria-label={t("notes.text")} value={draft.value} error={errorOf("text")} onChange={(event) => draft.write(event.currentTarget.value)} data-testid="note-text" />
      <Group gap="xs" justify="flex-end" mt={6}>
        <Button size="xs" variant="default" onClick={leave}>
          {t("common.cancel")}
        </Button>
        <Button size="xs" type="submit" loading={save.isPending} disabled={!draft.value.trim()} data-testid="note-save">
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}

function NewNote({ session }: { session: Session }) {
  const { t } = useTranslation();
  const reload = useReload(session);
  const draft = useDraft(`new-note:${session.id}`, "");
  const add = useMutation({
    mutationFn: () => take(api.POST("/api/v1/sessions/{id}/notes", { params: { path: { id: session.id } }, body: { text: draft.value } })),
    onSuccess: async () => {
      draft.discard();
      await reload();
    },
  });
  const { errorOf } = useFieldErrors(add.error, ["text"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (draft.value.trim()) add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Textarea autosize minRows={1} maxRows={10} maxLength={NOTE_MAX} aria-label={t("notes.add")} placeholder={t("notes.placeholder")} value={draft.value} error={errorOf("text")} onChange={(event) => draft.write(event.currentTarget.value)} data-testid="note-write" />
      {draft.value.trim() && (
        <Group justify="flex-end" mt={6}>
          <Button size="xs" type="submit" loading={add.isPending} data-testid="note-add">
            {t("notes.add")}
          </Button>
        </Group>
      )}
    </form>
  );
}
