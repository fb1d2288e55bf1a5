// Which records of the audit are shown: words, who, what, channel, period.
import { CloseButton, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery, techniciansQuery } from "../api/queries";
import { SEARCH_FIELD } from "../frame/Shortcuts";
import { ACTIONS, actionWords } from "./actions";
import classes from "./AuditPage.module.css";
import { PERIODS, type AuditSearch } from "./search";

const PAUSE_MS = 200;

interface AuditFiltersProps {
  search: AuditSearch;
  change: (changes: AuditSearch) => void;
}

export function AuditFilters({ search, change }: AuditFiltersProps) {
  const { t, i18n } = useTranslation();
  const technicians = useQuery(techniciansQuery).data ?? [];
  const channels = useQuery(channelsQuery).data ?? [];
  const [typed, setTyped] = useState(search.q ?? "");
  const send = useDebouncedCallback((q: string) => change({ q: q.trim() }), PAUSE_MS);
  const write = (q: string) => {
    setTyped(q);
    send(q);
  };
  const people = [
    ...technicians.map((one) => ({ value: `technician:${one.id}`, label: one.name })).sort((a, b) => a.label.localeCompare(b.label, i18n.language)),
    { value: "end_user", label: t("history.endUser") },
    { value: "gateway", label: t("history.gateway") },
  ];
  const actions = ACTIONS.map((value) => ({ value, label: actionWords(value, t, i18n) })).sort((a, b) => a.label.localeCompare(b.label, i18n.language));
  return (
    <div className={classes.filters} role="search">
      <TextInput
        {...{ [SEARCH_FIELD]: true }}
        type="search"
        aria-label={t("audit.search")}
        placeholder={t("audit.search")}
        leftSection={<IconSearch size={16} />}
        rightSection={typed && <CloseButton size="sm" aria-label={t("filter.clear")} onClick={() => write("")} />}
        value={typed}
        onChange={(event) => write(event.currentTarget.value)}
        data-testid="audit-search"
      />
      <Select clearable searchable aria-label={t("audit.who")} placeholder={t("audit.who")} data={people} value={search.who ?? null} onChange={(who) => change({ who: who ?? "" })} data-testid="audit-who" />
      <Select clearable searchable aria-label={t("audit.what")} placeholder={t("audit.what")} data={actions} value={search.what ?? null} onChange={(what) => change({ what: what ?? "" })} data-testid="audit-what" />
      <Select
        clearable
        searchable
        aria-label={t("sessions.channel")}
        placeholder={t("sessions.channel")}
        data={channels.map((one) => ({ value: one.id, label: one.kind === "private" ? t("frame.private") : one.name }))}
        value={search.channel ?? null}
        onChange={(channel) => change({ channel: channel ?? "" })}
      />
      <Select
        aria-label={t("audit.period")}
        allowDeselect={false}
        data={PERIODS.map((value) => ({ value, label: t(`audit.periods.${value}`) }))}
        value={search.period ?? "all"}
        onChange={(period) => change({ period: PERIODS.find((one) => one === period) })}
      />
      {search.session && (
        <TextInput readOnly aria-label={t("audit.session")} value={t("audit.oneSession")} rightSection={<CloseButton size="sm" aria-label={t("audit.allSessions")} onClick={() => change({ session: "" })} />} />
      )}
    </div>
  );
}
