// Reports: what was done in a period, how long people waited, how they were helped. Figures and charts above, the same in tables below.
import { Button, Loader, Menu, NativeSelect, SegmentedControl, TextInput } from "@mantine/core";
import { IconChartBar, IconDownload, IconStarFilled } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { reportQuery, type ReportSearch } from "../api/queries";
import type { Report } from "../api/types";
import { Failed } from "../parts/Failed";
import { regional } from "../parts/moments";
import { Empty, Page, Panel } from "../parts/Page";
import { Bars } from "./Bars";
import { FigureTable } from "./FigureTable";
import { average, duration } from "./figures";
import { isPeriod, lastDays, shortDay, SPANS, spanOf, type Period, type SpanName } from "./period";
import classes from "./Reports.module.css";

const TABLES = ["sessions", "days", "channels", "technicians"] as const;

export const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function ReportsPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: "/signed-in/frame/reports" });
  const navigate = useNavigate();
  const period: Period = search.from && search.to ? { from: search.from, to: search.to } : lastDays("month", new Date());
  const wanted: ReportSearch = { ...period, channel: search.channel, technician: search.technician, zone: ZONE };
  const report = useQuery({ ...reportQuery(wanted), placeholderData: keepPreviousData });
  const go = (change: Partial<typeof search>) => void navigate({ to: "/reports", search: { ...search, ...change }, replace: true });

  return (
    <Page title={t("reports.title")} subtitle={t("reports.hint", { zone: ZONE })} actions={report.data && <Export wanted={wanted} />} wide>
      <Choice key={`${period.from}:${period.to}`} period={period} channel={search.channel} technician={search.technician} report={report.data} go={go} />
      {report.isPending && <Loader aria-label={t("common.loading")} />}
      {report.error && !report.data && <Failed error={report.error} retry={() => void report.refetch()} />}
      {report.data && (report.data.total.sessions === 0 ? <Empty icon={<IconChartBar />} title={t("reports.none")} hint={t("reports.noneHint")} /> : <Figures report={report.data} />)}
    </Page>
  );
}

interface ChoiceProps {
  period: Period;
  channel: string | undefined;
  technician: string | undefined;
  report: Report | undefined;
  go: (change: { from?: string; to?: string; channel?: string; technician?: string }) => void;
}

function Choice({ period, channel, technician, report, go }: ChoiceProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(period);
  const type = (change: Partial<Period>) => {
    const next = { ...typed, ...change };
    setTyped(next);
    if (isPeriod(next)) go(next);
  };
  const technicians = report?.technicians.filter((one) => one.key !== "") ?? [];
  return (
    <div className={classes.choice}>
      <SegmentedControl
        size="xs"
        value={spanOf(period, new Date()) ?? ""}
        onChange={(span) => go(lastDays(span as SpanName, new Date()))}
        data={SPANS.map((span) => ({ value: span, label: t(`reports.span_${span}`) }))}
        aria-label={t("reports.period")}
        className={classes.spans}
      />
      <TextInput type="date" label={t("reports.from")} value={typed.from} max={typed.to} onChange={(event) => type({ from: event.currentTarget.value })} />
      <TextInput type="date" label={t("reports.to")} value={typed.to} min={typed.from} onChange={(event) => type({ to: event.currentTarget.value })} />
      <NativeSelect
        label={t("sessions.channel")}
        value={channel ?? ""}
        onChange={(event) => go({ channel: event.currentTarget.value || undefined })}
        data={[{ value: "", label: t("reports.allChannels") }, ...(report?.choices.channels.map((one) => ({ value: one.id, label: one.name })) ?? [])]}
      />
      <NativeSelect
        label={t("destination.technician")}
        value={technician ?? ""}
        onChange={(event) => go({ technician: event.currentTarget.value || undefined })}
        data={[{ value: "", label: t("reports.allTechnicians") }, ...technicians.map((one) => ({ value: one.key, label: one.name }))]}
      />
    </div>
  );
}

function Export({ wanted }: { wanted: ReportSearch }) {
  const { t } = useTranslation();
  const href = (table: string) => {
    const given = Object.entries({ ...wanted, table }).filter((pair): pair is [string, string] => Boolean(pair[1]));
    return `/api/v1/reports/csv?${new URLSearchParams(given).toString()}`;
  };
  return (
    <Menu>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />} data-testid="report-export">
          {t("reports.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t("reports.exportHint")}</Menu.Label>
        {TABLES.map((table) => (
          <Menu.Item key={table} component="a" href={href(table)} download data-testid={`report-csv-${table}`}>
            {t(`reports.table_${table}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Figures({ report }: { report: Report }) {
  const { t, i18n } = useTranslation();
  const language = regional(i18n.language);
  const { total } = report;
  const days = report.days.map((day) => ({ ...day, name: shortDay(day.key, language) }));
  return (
    <>
      <dl className={classes.totals}>
        <Figure label={t("reports.sessions")} value={total.sessions.toLocaleString(language)} under={t("reports.endedOf", { count: total.ended })} />
        <Figure label={t("reports.waiting")} value={duration(report.median_waiting_s, language)} under={t("reports.averageLongest", { average: duration(total.waiting_s, language), longest: duration(report.longest_waiting_s, language) })} />
        <Figure label={t("reports.handling")} value={duration(report.median_handling_s, language)} under={t("reports.average", { average: duration(total.handling_s, language) })} />
        <Figure label={t("reports.rating")} value={average(total.stars, language)} under={t("reports.ratings", { count: total.rated })} star />
      </dl>
      <div className={classes.charts}>
        <Panel title={t("reports.sessionsByDay")}>
          <Bars title={t("reports.sessions")} color="petrol" bars={days.map((day) => ({ key: day.key, label: day.name, value: day.sessions, words: day.sessions.toLocaleString(language) }))} />
        </Panel>
        <Panel title={t("reports.waitingByDay")}>
          <Bars title={t("reports.averageWaiting")} color="ember" bars={days.map((day) => ({ key: day.key, label: day.name, value: day.waiting_s, words: duration(day.waiting_s, language) }))} />
        </Panel>
        {total.rated > 0 && (
          <Panel title={t("reports.ratingShares")}>
            <Shares ratings={report.ratings} />
          </Panel>
        )}
      </div>
      <Panel title={t("reports.byChannel")}>
        <FigureTable first={t("sessions.channel")} rows={report.channels} unnamed={t("reports.removed")} />
      </Panel>
      <Panel title={t("reports.byTechnician")}>
        <FigureTable first={t("destination.technician")} rows={report.technicians} unnamed={t("sessions.nobody")} />
      </Panel>
      <Panel title={t("reports.byDay")}>
        <FigureTable first={t("reports.day")} rows={days.filter((day) => day.sessions > 0).reverse()} unnamed="" />
      </Panel>
    </>
  );
}

function Figure({ label, value, under, star = false }: { label: string; value: string; under: string; star?: boolean }) {
  return (
    <div className={classes.total}>
      <dt>{label}</dt>
      <dd className={classes.value}>
        {value}
        {star && value !== "–" && <IconStarFilled size={20} className={classes.star} aria-hidden />}
      </dd>
      <dd className={classes.under}>{under}</dd>
    </div>
  );
}

/** Five stars first. The numbers are text; the bars only show them. */
function Shares({ ratings }: { ratings: number[] }) {
  const { t } = useTranslation();
  const most = Math.max(1, ...ratings);
  return (
    <ul className={classes.shares}>
      {[...ratings.entries()].reverse().map(([index, count]) => (
        <li key={index} className={classes.share}>
          <span>{t("rating.stars", { count: index + 1 })}</span>
          <span className={classes.track} aria-hidden>
            <span className={classes.fill} style={{ width: `${(count / most) * 100}%` }} />
          </span>
          <span className="numeric">{count}</span>
        </li>
      ))}
    </ul>
  );
}
