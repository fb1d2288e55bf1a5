// What an operator looks for, to read only: version, addresses, certificate, the agent for downloads, sizes, the audit's head.
import { Loader } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { systemStateQuery } from "../api/queries";
import type { SystemState } from "../api/types";
import { useNow } from "../parts/clock";
import { CopyText } from "../parts/CopyText";
import { Failed } from "../parts/Failed";
import { bytes, day, fullMoment, moment, stopwatch } from "../parts/moments";
import { Panel } from "../parts/Page";
import facts from "../sessions/details/DevicePanel.module.css";
import { certificateWords } from "./certificate";
import classes from "./SystemPanels.module.css";

export function SystemPanels() {
  const { t } = useTranslation();
  const state = useQuery(systemStateQuery);
  if (state.isPending) return <Loader aria-label={t("common.loading")} />;
  if (!state.data) return <Failed error={state.error} retry={() => void state.refetch()} />;
  return (
    <>
      <Running state={state.data} />
      <Agent state={state.data} />
      <Keeping state={state.data} />
    </>
  );
}

function Running({ state }: { state: SystemState }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const certificate = certificateWords(state.certificate, now);
  const ends = state.certificate.ends_at;
  return (
    <Panel title={t("settings.system")}>
      <dl className={`${facts.facts} ${classes.facts}`}>
        <Fact label={t("settings.version")}>Mayday {state.version}</Fact>
        <Fact label={t("settings.uptime")} title={fullMoment(state.started_at, i18n.language)}>
          <span className="numeric">{stopwatch(now - Date.parse(state.started_at))}</span>
        </Fact>
        <Fact label={t("settings.online")}>{state.technicians_online}</Fact>
        <Fact label={t("channels.open")}>{state.open_sessions}</Fact>
        <Fact label={t("settings.publicUrl")}>{state.public_url}</Fact>
        <Fact label={t("settings.listensOn")}>
          <span className="mono">{state.listens_on}</span>
        </Fact>
        <Fact label={t("settings.certificate")}>
          {t(`settings.certificates.${state.certificate.kind}`)}
          {ends && (
            <span className={certificate === "good" ? facts.line : `${facts.line} ${classes.warn}`} title={fullMoment(ends, i18n.language)}>
              {certificate !== "good" && <IconAlertTriangle size={14} aria-hidden />}
              {t(`settings.until.${certificate}`, { day: day(ends, i18n.language) })}
            </span>
          )}
        </Fact>
        <Fact label={t("settings.metrics")}>{state.metrics_url ? <span className="mono">{state.metrics_url}</span> : t("settings.noMetrics")}</Fact>
      </dl>
      <Fingerprint label={t("settings.pin")} text={state.pin} />
    </Panel>
  );
}

function Agent({ state: { agent } }: { state: SystemState }) {
  const { t, i18n } = useTranslation();
  return (
    <Panel title={t("settings.agent")}>
      {!agent && <p className={facts.unknown}>{t("settings.noAgent", { option: "--agent-template" })}</p>}
      {agent && !agent.whole && (
        <p className={classes.alarm} role="alert">
          <IconAlertTriangle size={18} aria-hidden />
          {t("settings.altered")}
        </p>
      )}
      {agent && (
        <>
          <dl className={`${facts.facts} ${classes.facts}`}>
            <Fact label={t("settings.file")}>
              {agent.file}
              <span className={facts.line}>{bytes(agent.bytes, i18n.language)}</span>
            </Fact>
            <Fact label={t("settings.stampedFor")}>{agent.organisation}</Fact>
            <Fact label={t("settings.leadsTo")}>
              {agent.gateway && <span className="mono">{agent.gateway}</span>}
            </Fact>
            <Fact label={t("settings.stamped")} title={fullMoment(agent.prepared_at, i18n.language)}>
              {moment(agent.prepared_at, i18n.language)}
              {agent.gateway_version && <span className={facts.line}>{t("settings.byVersion", { version: agent.gateway_version })}</span>}
            </Fact>
          </dl>
          <Fingerprint label={t("settings.fingerprint")} text={agent.fingerprint} />
        </>
      )}
    </Panel>
  );
}

function Keeping({ state: { data, audit } }: { state: SystemState }) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <Panel title={t("settings.data")}>
      <dl className={`${facts.facts} ${classes.facts}`}>
        <Fact label={t("settings.folder")}>
          <span className="mono">{data.folder}</span>
        </Fact>
        <Fact label={t("settings.size")}>
          {bytes(data.bytes, i18n.language)}
          <span className={facts.line}>{t("settings.database", { size: bytes(data.database_bytes, i18n.language) })}</span>
        </Fact>
        <Fact label={t("frame.audit")}>
          <Link to="/audit" search={{}} className={classes.link}>
            {t("settings.records", { count: audit.records, records: number.format(audit.records) })}
          </Link>
        </Fact>
        <Fact label={t("settings.signed")} title={audit.signed_at ? fullMoment(audit.signed_at, i18n.language) : undefined}>
          {audit.signed_at ? t("settings.signedUpTo", { record: number.format(audit.signed_records), at: moment(audit.signed_at, i18n.language) }) : t("settings.unsigned")}
        </Fact>
      </dl>
      <Fingerprint label={t("settings.head")} text={audit.hash} />
    </Panel>
  );
}

function Fingerprint({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  return (
    <div className={classes.fingerprint}>
      <span className={classes.label}>{label}</span>
      <CopyText text={text} label={label} copyLabel={t("settings.copy")} />
    </div>
  );
}

function Fact({ label, title, children }: { label: string; title?: string | undefined; children: ReactNode }) {
  return (
    <div className={facts.fact}>
      <dt>{label}</dt>
      <dd title={title}>{children ?? "–"}</dd>
    </div>
  );
}
