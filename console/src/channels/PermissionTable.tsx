// The table of permissions of one technician or group: a switch with three places each, what comes of it, and what decides it.
import { SegmentedControl, Text } from "@mantine/core";
import { IconCheck, IconMinus } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { channelPermissionsQuery, refinedQuery } from "../api/queries";
import type { Channel, ChannelPermissions, PermissionLine } from "../api/types";
import { useDraft } from "../parts/draft";
import { noticeDone, noticeError } from "../parts/notices";
import tables from "../parts/Table.module.css";
import { areasOf, effective, settingsOf, type Place, type Settings } from "./permission-lines";
import classes from "./Permissions.module.css";
import { SaveBar } from "./SaveBar";

export function PermissionTable({ channel, shown }: { channel: Channel; shown: ChannelPermissions }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const saved = settingsOf(shown.lines);
  const draft = useDraft<Settings>(`permissions:${channel.id}:${shown.kind}:${shown.id}`, saved);
  const path = { id: channel.id, kind: shown.kind, subject_id: shown.id };
  const save = useMutation({
    mutationFn: () => take(api.PUT("/api/v1/channels/{id}/permissions/{kind}/{subject_id}", { params: { path }, body: { settings: draft.value } })),
    onSuccess: (answer) => {
      draft.discard();
      client.setQueryData(channelPermissionsQuery(channel.id, shown.kind, shown.id).queryKey, answer);
      void client.invalidateQueries({ queryKey: refinedQuery(channel.id).queryKey });
      noticeDone(t("done.saved"));
    },
    onError: noticeError,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const put = (permission: string, place: Place) => {
    const others = Object.fromEntries(Object.entries(draft.value).filter(([name]) => name !== permission));
    draft.write(place === "inherit" ? others : { ...others, [permission]: place });
  };
  const changed = draft.touched && areasOf(shown.lines).some(({ lines }) => lines.some((line) => draft.value[line.permission] !== saved[line.permission]));
  return (
    <form onSubmit={submit}>
      <Text size="sm" mb="sm">
        {shown.role ? t("permissions.hasRole", { name: shown.name, role: t(`roles.${shown.role}`) }) : t("permissions.isGroup", { name: shown.name })}
      </Text>
      {!shown.editable && (
        <Text size="sm" c="dimmed" mb="sm" role="note">
          {t("permissions.notEditable")}
        </Text>
      )}
      {areasOf(shown.lines).map(({ area, lines }) => (
        <table key={area} className={tables.table} data-area={area}>
          <caption className={classes.caption}>{t(`permissions.areas.${area}`)}</caption>
          <thead className={classes.head}>
            <tr>
              <th>{t("permissions.permission")}</th>
              <th>{t("permissions.setting")}</th>
              {shown.kind === "technician" && <th>{t("permissions.result")}</th>}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <Line key={line.permission} line={line} place={draft.value[line.permission] ?? "inherit"} editable={shown.editable} put={put} />
            ))}
          </tbody>
        </table>
      ))}
      {shown.editable && <SaveBar changed={changed} busy={save.isPending} undo={draft.discard} />}
    </form>
  );
}

interface LineProps {
  line: PermissionLine;
  place: Place;
  editable: boolean;
  put: (permission: string, place: Place) => void;
}

function Line({ line, place, editable, put }: LineProps) {
  const { t } = useTranslation();
  const name = t(`permissions.names.${line.permission.replace(".", "_")}` as "permissions.names.session_take");
  // Nobody gives what they do not have; what somebody else gave may stay.
  const choices = (["inherit", "on", "off"] satisfies Place[]).map((one) => ({
    value: one,
    label: t(`permissions.places.${one}`),
    disabled: one === "on" && !line.can_give && line.setting !== "on",
  }));
  return (
    <tr data-testid={`permission-${line.permission}`}>
      <td className={classes.permission}>{name}</td>
      <td className={classes.setting}>
        <SegmentedControl size="xs" aria-label={name} disabled={!editable} data={choices} value={place} onChange={(value) => put(line.permission, value as Place)} color={place === "on" ? "moss" : place === "off" ? "brick" : undefined} />
      </td>
      {line.allowed !== null && (
        <td className={classes.result}>
          <Result line={line} place={place} />
        </td>
      )}
    </tr>
  );
}

function Result({ line, place }: { line: PermissionLine; place: Place }) {
  const { t } = useTranslation();
  const { allowed, because, group } = effective(line, place);
  return (
    <span className={classes.outcome} data-allowed={allowed || undefined}>
      {allowed ? <IconCheck size={16} aria-hidden /> : <IconMinus size={16} aria-hidden />}
      <span>
        <strong>{allowed ? t("permissions.may") : t("permissions.mayNot")}</strong> <span className={classes.because}>{t(`permissions.because.${because}`, { group: group ?? "" })}</span>
      </span>
    </span>
  );
}
