// What holds for the whole gateway: its name, how long sign-ins last, what new channels begin with; and what an operator looks for.
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { settingsQuery, systemQuery } from "../api/queries";
import type { Rights, Settings, Verification } from "../api/types";
import { useMay } from "../app/me";
import page from "../channels/ChannelPage.module.css";
import { Conflict } from "../channels/Conflict";
import { EXPIRATIONS_S, PIN_VALIDITIES_S } from "../channels/fields";
import { keepMine, merge, pick, takeTheirs, type Draft } from "../channels/merge";
import { SaveBar } from "../channels/SaveBar";
import { NotFoundPage } from "../frame/FailurePage";
import { useDraft } from "../parts/draft";
import { Failed } from "../parts/Failed";
import { useFieldErrors } from "../parts/field-errors";
import { spanChoices } from "../parts/moments";
import { noticeDone } from "../parts/notices";
import { Page, Panel } from "../parts/Page";
import { FIELDS, LABELS, saveSettings, SIGN_INS_S, type SettingsFields } from "./fields";
import { SystemPanels } from "./SystemPanels";

export function SettingsPage() {
  const { t } = useTranslation();
  const may = useMay("system.manage");
  const settings = useQuery({ ...settingsQuery, enabled: may });
  if (!may) return <NotFoundPage />;
  return (
    <Page title={t("frame.settings")} subtitle={t("settings.hint")}>
      {settings.isError && <Failed error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <SettingsForm saved={settings.data} />}
      <SystemPanels />
    </Page>
  );
}

function SettingsForm({ saved }: { saved: Settings }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = useDraft<Draft<SettingsFields> | undefined>("system-settings", undefined);
  const { value: fields, mine, conflicts } = merge(draft.value, saved);
  const write = (typed: SettingsFields) => draft.write({ base: draft.value?.base ?? saved, typed });
  const save = useMutation({
    mutationFn: () => saveSettings(pick(fields, mine)),
    onSuccess: (answer) => {
      draft.discard();
      client.setQueryData(settingsQuery.queryKey, answer);
      void client.invalidateQueries({ queryKey: systemQuery.queryKey });
      noticeDone(t("done.saved"));
    },
  });
  const { errorOf } = useFieldErrors(save.error, FIELDS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const parts = { fields, write, errorOf };
  const choose = (how: typeof keepMine) => () => draft.value && draft.write(how(draft.value, saved));
  return (
    <form onSubmit={submit} className={page.fields}>
      <Organisation {...parts} />
      <SignIns {...parts} />
      <NewChannels {...parts} />
      <SaveBar
        changed={mine.length > 0}
        conflict={conflicts.length > 0 && <Conflict action="settings_changed" fields={conflicts.map((field) => t(LABELS[field]))} keep={choose(keepMine)} reload={choose(takeTheirs)} />}
        busy={save.isPending}
        undo={draft.discard}
      />
    </form>
  );
}

interface PartProps {
  fields: SettingsFields;
  write: (fields: SettingsFields) => void;
  errorOf: (name: string) => string | undefined;
}

function Organisation({ fields, write, errorOf }: PartProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t("settings.identity")}>
      <TextInput required withAsterisk={false} maw={420} label={t("settings.organisation")} description={t("settings.organisationHint")} inputWrapperOrder={["label", "input", "description", "error"]} maxLength={64} value={fields.organisation} error={errorOf("organisation")} onChange={(event) => write({ ...fields, organisation: event.currentTarget.value })} data-testid="settings-organisation" />
    </Panel>
  );
}

function SignIns({ fields, write, errorOf }: PartProps) {
  const { t, i18n } = useTranslation();
  return (
    <Panel title={t("settings.signIns")}>
      <Select maw={420} label={t("settings.signIn")} description={t("settings.signInHint")} inputWrapperOrder={["label", "input", "description", "error"]} allowDeselect={false} value={String(fields.sign_in_s)} data={spanChoices(SIGN_INS_S, fields.sign_in_s, i18n.language)} error={errorOf("sign_in_s")} onChange={(value) => write({ ...fields, sign_in_s: Number(value) })} data-testid="settings-sign-in" />
    </Panel>
  );
}

function NewChannels({ fields, write, errorOf }: PartProps) {
  const { t, i18n } = useTranslation();
  const spans = (choices: number[], chosen: number) => spanChoices(choices, chosen, i18n.language);
  return (
    <Panel title={t("settings.newChannels")}>
      <p className={page.unsaved}>{t("settings.newChannelsHint")}</p>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing="md">
        <Select label={t("channels.expiration")} allowDeselect={false} value={String(fields.expiration_s)} data={spans(EXPIRATIONS_S, fields.expiration_s)} error={errorOf("expiration_s")} onChange={(value) => write({ ...fields, expiration_s: Number(value) })} data-testid="settings-expiration" />
        <Select label={t("channels.pinValid")} allowDeselect={false} value={String(fields.pin_valid_s)} data={spans(PIN_VALIDITIES_S, fields.pin_valid_s)} error={errorOf("pin_valid_s")} onChange={(value) => write({ ...fields, pin_valid_s: Number(value) })} data-testid="settings-pin" />
        <Select label={t("channels.rights")} allowDeselect={false} value={fields.default_rights} data={(["control", "view"] satisfies Rights[]).map((rights) => ({ value: rights, label: t(`rights.${rights}`) }))} onChange={(value) => write({ ...fields, default_rights: value as Rights })} />
        <Select label={t("channels.verification")} allowDeselect={false} value={fields.verification} data={(["off", "compare", "type"] satisfies Verification[]).map((one) => ({ value: one, label: t(`channels.verifications.${one}`) }))} onChange={(value) => write({ ...fields, verification: value as Verification })} />
      </SimpleGrid>
    </Panel>
  );
}
