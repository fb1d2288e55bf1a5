// A channel's settings: what it is, how long its sessions live, how they are asked, who gets requests, how they end.
import { NumberInput, Select, SimpleGrid, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import type { Channel, Rights, Verification } from "../api/types";
import { applyChannel } from "../live/apply";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { spanChoices } from "../parts/moments";
import { noticeDone } from "../parts/notices";
import { Panel } from "../parts/Page";
import { ChannelPage } from "./ChannelPage";
import classes from "./ChannelPage.module.css";
import { Conflict } from "./Conflict";
import { EXPIRATIONS_S, FIELDS, fieldsOf, PIN_VALIDITIES_S, saveSettings, type ChannelFields } from "./fields";
import { keepMine, merge, pick, takeTheirs, type Draft } from "./merge";
import { RoutingFields } from "./RoutingFields";
import { SaveBar } from "./SaveBar";

export function ChannelSettingsPage() {
  return <ChannelPage>{(channel) => (channel.actions.includes("edit") ? <SettingsForm key={channel.id} channel={channel} /> : null)}</ChannelPage>;
}

export interface SettingsProps {
  channel: Channel;
  fields: ChannelFields;
  write: (fields: ChannelFields) => void;
  errorOf: (name: string) => string | undefined;
}

function SettingsForm({ channel }: { channel: Channel }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const saved = fieldsOf(channel);
  const draft = useDraft<Draft<ChannelFields> | undefined>(`channel-form:${channel.id}`, undefined);
  const { value: fields, mine, conflicts } = merge(draft.value, saved);
  const write = (typed: ChannelFields) => draft.write({ base: draft.value?.base ?? saved, typed });
  const save = useMutation({
    mutationFn: () => saveSettings(channel, pick(fields, mine)),
    onSuccess: (answer) => {
      draft.discard();
      applyChannel(client, answer);
      noticeDone(t("done.saved"));
    },
  });
  const { errorOf } = useFieldErrors(save.error, FIELDS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const parts = { channel, fields, write, errorOf };
  const choose = (how: typeof keepMine) => () => draft.value && draft.write(how(draft.value, saved));
  return (
    <form onSubmit={submit} className={classes.fields}>
      {channel.kind !== "private" && <About {...parts} />}
      <Sessions {...parts} />
      {channel.kind !== "private" && <RoutingFields {...parts} />}
      <Ending {...parts} />
      <SaveBar
        changed={mine.length > 0}
        conflict={conflicts.length > 0 && <Conflict action="channel_changed" channel={channel.name} fields={conflicts.map((field) => t(LABELS[field]))} keep={choose(keepMine)} reload={choose(takeTheirs)} />}
        busy={save.isPending}
        undo={draft.discard}
      />
    </form>
  );
}

/** What the form calls each field. */
const LABELS = {
  name: "channels.name",
  description: "channels.description",
  expiration_s: "channels.expiration",
  pin_valid_s: "channels.pinValid",
  default_rights: "channels.rights",
  max_open_sessions: "channels.max",
  routing: "channels.routing",
  skills: "channels.skills",
  verification: "channels.verification",
  rating: "channels.rating",
  rating_question: "channels.question",
} as const satisfies Record<keyof ChannelFields, string>;

function About({ channel, fields, write, errorOf }: SettingsProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t("channels.about")}>
      <div className={classes.fields}>
        <TextInput required withAsterisk={false} label={t("channels.name")} description={channel.kind === "default" ? t("channels.nameFixed") : undefined} disabled={channel.kind === "default"} maxLength={64} value={fields.name} error={errorOf("name")} onChange={(event) => write({ ...fields, name: event.currentTarget.value })} data-testid="channel-name" />
        <Textarea label={t("channels.description")} autosize minRows={2} maxRows={6} maxLength={2000} value={fields.description} error={errorOf("description")} onChange={(event) => write({ ...fields, description: event.currentTarget.value })} data-testid="channel-description" />
      </div>
    </Panel>
  );
}

function Sessions({ fields, write, errorOf }: SettingsProps) {
  const { t, i18n } = useTranslation();
  const spans = (choices: number[], chosen: number) => spanChoices(choices, chosen, i18n.language);
  return (
    <Panel title={t("channels.sessions")}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
        <Select label={t("channels.expiration")} description={t("channels.expirationHint")} allowDeselect={false} value={String(fields.expiration_s)} data={spans(EXPIRATIONS_S, fields.expiration_s)} error={errorOf("expiration_s")} onChange={(value) => write({ ...fields, expiration_s: Number(value) })} data-testid="channel-expiration" />
        <Select label={t("channels.pinValid")} description={t("channels.pinValidHint")} allowDeselect={false} value={String(fields.pin_valid_s)} data={spans(PIN_VALIDITIES_S, fields.pin_valid_s)} error={errorOf("pin_valid_s")} onChange={(value) => write({ ...fields, pin_valid_s: Number(value) })} />
        <Select label={t("channels.rights")} description={t("channels.rightsHint")} allowDeselect={false} value={fields.default_rights} data={(["control", "view"] satisfies Rights[]).map((rights) => ({ value: rights, label: t(`rights.${rights}`) }))} onChange={(value) => write({ ...fields, default_rights: value as Rights })} />
        <NumberInput label={t("channels.max")} description={t("channels.maxHint")} min={1} max={10_000} allowDecimal={false} clampBehavior="blur" value={fields.max_open_sessions} error={errorOf("max_open_sessions")} onChange={(value) => write({ ...fields, max_open_sessions: Number(value) })} />
        <Select
          label={t("channels.verification")}
          description={t(`channels.verificationHints.${fields.verification}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          allowDeselect={false}
          value={fields.verification}
          data={(["off", "compare", "type"] satisfies Verification[]).map((one) => ({ value: one, label: t(`channels.verifications.${one}`) }))}
          onChange={(value) => write({ ...fields, verification: value as Verification })}
          data-testid="channel-verification"
        />
        <TagsInput label={t("channels.skills")} description={t("channels.skillsHint")} maxTags={20} maxLength={32} value={fields.skills} error={errorOf("skills")} onChange={(skills) => write({ ...fields, skills })} data-testid="channel-skills" />
      </SimpleGrid>
    </Panel>
  );
}

function Ending({ fields, write, errorOf }: SettingsProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t("channels.ending")}>
      <div className={classes.fields}>
        <Switch label={t("channels.rating")} description={t("channels.ratingHint")} checked={fields.rating} onChange={(event) => write({ ...fields, rating: event.currentTarget.checked })} data-testid="channel-rating" />
        {fields.rating && (
          <TextInput label={t("channels.question")} placeholder={t("channels.questionUsual")} maxLength={200} value={fields.rating_question} error={errorOf("rating_question")} onChange={(event) => write({ ...fields, rating_question: event.currentTarget.value })} />
        )}
      </div>
    </Panel>
  );
}
