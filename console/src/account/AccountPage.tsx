// My account: name, language, theme, password, and where I am signed in.
import { Button, Group, PasswordInput, Text, TextInput } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconChartBar, IconFileSearch, IconSearch, IconSettings } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { meQuery, systemQuery } from "../api/queries";
import type { Me } from "../api/types";
import { useMay, useMe } from "../app/me";
import { ThemeChoice } from "../frame/AccountMenu";
import { useDraft } from "../parts/draft";
import { useFieldErrors } from "../parts/field-errors";
import { noticeDone } from "../parts/notices";
import { Page, Panel } from "../parts/Page";
import classes from "./AccountPage.module.css";
import { LanguageChoice } from "./LanguageChoice";
import { NotifyPanel } from "../notify/NotifyPanel";
import { SignInsPanel } from "../sign-ins/SignInsPanel";
import { NewPasswordForm } from "./NewPasswordForm";

export function AccountPage() {
  const { t } = useTranslation();
  const me = useMe();
  const system = useQuery(systemQuery).data;
  if (!me) return null;
  return (
    <Page title={t("frame.account")} subtitle={`${me.email} · ${t(`roles.${me.role}`)}`}>
      <div className={classes.columns}>
        <Panel title={t("account.profile")}>
          <NameForm me={me} />
          <div className={classes.gap}>
            <LanguageChoice label={t("account.language")} />
          </div>
          <div className={classes.gap}>
            <Text size="sm" fw={500} mb={4}>
              {t("theme.title")}
            </Text>
            <ThemeChoice fullWidth={false} named />
          </div>
        </Panel>
        <More />
        <NotifyPanel />
        <Panel title={t("password.title")}>
          <PasswordChange />
        </Panel>
        <SignInsPanel />
      </div>
      {system && (
        <Text size="xs" c="dimmed">
          Mayday {system.version} · {system.organisation}
        </Text>
      )}
    </Page>
  );
}

/** Where the bar of a phone has no room to lead. */
function More() {
  const { t } = useTranslation();
  const mayReport = useMay("report.view");
  const mayAudit = useMay("audit.view");
  const maySet = useMay("system.manage");
  return (
    <div className={classes.more}>
      <Button variant="default" leftSection={<IconSearch size={16} />} onClick={spotlight.open}>
        {t("frame.jump")}
      </Button>
      {mayReport && (
        <Button variant="default" leftSection={<IconChartBar size={16} />} component={Link} to="/reports">
          {t("frame.reports")}
        </Button>
      )}
      {mayAudit && (
        <Button variant="default" leftSection={<IconFileSearch size={16} />} component={Link} to="/audit">
          {t("frame.audit")}
        </Button>
      )}
      {maySet && (
        <Button variant="default" leftSection={<IconSettings size={16} />} component={Link} to="/settings">
          {t("frame.settings")}
        </Button>
      )}
    </div>
  );
}

function NameForm({ me }: { me: Me }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const draft = useDraft("my-name", me.name);
  const save = useMutation({
    mutationFn: (name: string) => take(api.PATCH("/api/v1/me", { body: { name } })),
    onSuccess: (answer) => {
      draft.discard();
      client.setQueryData(meQuery.queryKey, answer);
      noticeDone(t("done.saved"));
    },
  });
  const { errorOf } = useFieldErrors(save.error, ["name"]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(draft.value.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="xs">
        <TextInput flex={1} label={t("technicians.name")} description={t("account.nameHint")} maxLength={64} value={draft.value} error={errorOf("name")} onChange={(event) => draft.write(event.currentTarget.value)} data-testid="my-name" />
        <Button type="submit" variant="default" loading={save.isPending} disabled={!draft.value.trim() || draft.value.trim() === me.name}>
          {t("common.save")}
        </Button>
      </Group>
    </form>
  );
}

function PasswordChange() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [round, setRound] = useState(0);
  const change = useMutation({
    mutationFn: (next: string) => take(api.POST("/api/v1/me/password", { body: { current, new: next } })),
    onSuccess: () => {
      setCurrent("");
      setRound(round + 1);
      noticeDone(t("done.password"));
    },
  });
  const { errorOf } = useFieldErrors(change.error, ["current", "new"]);
  return (
    <NewPasswordForm
      key={round}
      submit={t("password.change")}
      busy={change.isPending}
      error={change.error}
      send={(next) => change.mutate(next)}
      first={
        <PasswordInput
          label={t("password.current")}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={current}
          error={errorOf("current")}
          visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          data-testid="current-password"
        />
      }
    />
  );
}
