// Makes a channel: its name and what it is for. Everything else has good values and a page of its own.
import { Button, Group, Modal, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { applyChannel } from "../live/apply";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";

/** Closed half typed, it is kept for the next time. */
export function ChannelDialog({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const draft = useDraft("channel:new", { name: "", description: "" });
  const fields = draft.value;
  const create = useMutation({
    mutationFn: () => take(api.POST("/api/v1/channels", { body: { name: fields.name.trim(), description: fields.description } })),
    onSuccess: (made) => {
      draft.discard();
      applyChannel(client, made);
      void navigate({ to: "/channels/$id/people", params: { id: made.id } });
    },
  });
  const { errorOf } = useFieldErrors(create.error, ["name", "description"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <Modal opened onClose={close} size={520} title={t("channels.new")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput data-autofocus required withAsterisk={false} label={t("channels.name")} maxLength={64} value={fields.name} error={errorOf("name")} onChange={(event) => draft.write({ ...fields, name: event.currentTarget.value })} data-testid="channel-name" />
          <Textarea label={t("channels.description")} autosize minRows={2} maxRows={5} maxLength={2000} value={fields.description} error={errorOf("description")} onChange={(event) => draft.write({ ...fields, description: event.currentTarget.value })} data-testid="channel-description" />
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={create.isPending} data-testid="channel-save">
              {t("channels.create")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
