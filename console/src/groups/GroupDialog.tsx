// Makes a group or changes one: its name, and who is in it.
import { Button, Group as Row, Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelsQuery, groupsQuery, peopleQuery } from "../api/queries";
import type { Group } from "../api/types";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { noticeDone } from "../parts/notices";

interface GroupDialogProps {
  /** Null: a new one. */
  group: Group | null;
  close: () => void;
}

export function GroupDialog({ group, close }: GroupDialogProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const people = useQuery(peopleQuery).data ?? [];
  const draft = useDraft(`group:${group?.id ?? "new"}`, { name: group?.name ?? "", members: group?.members.map((one) => one.id) ?? [] });
  const fields = draft.value;
  const save = useMutation({
    mutationFn: () => {
      const body = { name: fields.name.trim(), members: fields.members };
      return group ? take(api.PATCH("/api/v1/groups/{id}", { params: { path: { id: group.id } }, body })) : take(api.POST("/api/v1/groups", { body }));
    },
    onSuccess: () => {
      draft.discard();
      void client.invalidateQueries({ queryKey: groupsQuery.queryKey });
      void client.invalidateQueries({ queryKey: channelsQuery.queryKey });
      noticeDone(t("done.saved"));
      close();
    },
  });
  const { errorOf } = useFieldErrors(save.error, ["name", "members"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  // Who cannot sign in at the moment stays a member all the same.
  const known = new Map([...(group?.members ?? []), ...people].map((one) => [one.id, one.name]));
  return (
    <Modal opened onClose={close} size={520} title={group ? t("groups.edit") : t("groups.add")} closeButtonProps={{ "aria-label": t("common.close") }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput data-autofocus required withAsterisk={false} label={t("channels.name")} maxLength={64} value={fields.name} error={errorOf("name")} onChange={(event) => draft.write({ ...fields, name: event.currentTarget.value })} data-testid="group-name" />
          <MultiSelect label={t("frame.technicians")} description={t("groups.membersHint")} searchable hidePickedOptions nothingFoundMessage={t("palette.nothing")} data={[...known].map(([value, label]) => ({ value, label }))} value={fields.members} error={errorOf("members")} onChange={(members) => draft.write({ ...fields, members })} data-testid="group-members" />
          <Row justify="flex-end" mt="xs">
            <Button variant="default" onClick={close}>
              {t("common.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} data-testid="group-save">
              {t("common.save")}
            </Button>
          </Row>
        </Stack>
      </form>
    </Modal>
  );
}
