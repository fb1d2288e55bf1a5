// Enter session code: nine digits that the end user reads out, and the channel their session belongs to. Reachable from everywhere.
import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { createContext, useContext, useMemo, useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery } from "../api/queries";
import { applyAnswer } from "../live/apply";
import { journal } from "../live/journal";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";

const DIGITS = 9;

const EnterCodeContext = createContext<{ open: () => void }>({ open: () => {} });

interface Fields {
  code: string;
  name: string;
  /** The channel that was chosen on purpose. */
  picked?: string;
}

export const useEnterCode = () => useContext(EnterCodeContext);

export function EnterCodeProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const enterCode = useMemo(() => ({ open: () => setOpened(true) }), []);
  return (
    <EnterCodeContext value={enterCode}>
      {children}
      <Modal opened={opened} onClose={() => setOpened(false)} size={440} title={t("code.title")} closeButtonProps={{ "aria-label": t("common.close") }}>
        <EnterCodeForm close={() => setOpened(false)} />
      </Modal>
    </EnterCodeContext>
  );
}

/** In three groups, as they are read out. */
export const grouped = (text: string) =>
  text
    .replace(/\D/g, "")
    .slice(0, DIGITS)
    .replace(/(\d{3})(?=\d)/g, "$1 ");

function EnterCodeForm({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const channels = (useQuery(channelsQuery).data ?? []).filter((one) => one.actions.includes("create_session"));
  const draft = useDraft<Fields>("session-code", { code: "", name: "" });
  const { code, name, picked } = draft.value;
  const write = (changes: Partial<Fields>) => draft.write({ ...draft.value, ...changes });
  const chosen = channels.find((one) => one.id === picked)?.id ?? channels.find((one) => one.kind === "default")?.id ?? channels[0]?.id ?? null;
  const enter = useMutation({
    mutationFn: async () => {
      const asked = journal.now();
      const session = await take(api.POST("/api/v1/session-codes", { body: { code, name: name.trim(), channel_id: chosen } }));
      // The end user's app may have come before the answer.
      applyAnswer(client, session, asked);
      return session;
    },
    onSuccess: (session) => {
      draft.discard();
      close();
      void navigate({ to: "/sessions/$id", params: { id: session.id } });
    },
  });
  const { errorOf } = useFieldErrors(enter.error, ["code", "name", "channel_id"]);
  const complete = code.replace(/\D/g, "").length === DIGITS;
  const cancel = () => {
    draft.discard();
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) enter.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label={t("code.code")}
          description={t("code.hint")}
          inputMode="numeric"
          autoComplete="off"
          placeholder="000 000 000"
          value={code}
          error={errorOf("code")}
          onChange={(event) => write({ code: grouped(event.currentTarget.value) })}
          styles={{ input: { fontSize: 24, height: 52, letterSpacing: "0.08em" } }}
          data-testid="session-code"
        />
        <TextInput label={t("code.name")} description={t("code.nameHint")} maxLength={64} value={name} error={errorOf("name")} onChange={(event) => write({ name: event.currentTarget.value })} data-testid="session-code-name" />
        <Select label={t("sessions.channel")} allowDeselect={false} data={channels.map((one) => ({ value: one.id, label: one.name }))} value={chosen} error={errorOf("channel_id")} onChange={(channel) => write({ picked: channel ?? undefined })} />
        <Group justify="flex-end" mt="xs">
          <Button variant="default" onClick={cancel}>
            {t("common.cancel")}
          </Button>
          <Button type="submit" loading={enter.isPending} disabled={!complete} data-testid="session-code-enter">
            {t("code.enter")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
