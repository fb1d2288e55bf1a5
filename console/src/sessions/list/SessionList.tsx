// A live list of sessions: filter, table (cards on a phone), and what to say when there is nothing.
import { Loader } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";

import { sessionsQuery } from "../../api/queries";
import { Failed } from "../../parts/Failed";
import { NotifyOffer } from "../../notify/NotifyOffer";
import { BulkBar } from "../bulk/BulkBar";
import { useSelection } from "../bulk/use-selection";
import { EmptyList } from "./EmptyList";
import { FilterBar } from "./FilterBar";
import { DEFAULT_SORT, DEFAULT_STATUS, readListSearch, type ListSearch } from "./search";
import { SessionCards } from "./SessionCards";
import classes from "./SessionList.module.css";
import { SessionTable } from "./SessionTable";
import { flatten, type ListView } from "./view";

export type ListKind = "home" | "private" | "channel";

export function SessionList({ channel, kind }: { channel: string; kind: ListKind }) {
  const { t } = useTranslation();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { view, change } = useListView(channel);
  const list = useInfiniteQuery({ ...sessionsQuery(view), placeholderData: keepPreviousData });
  const sessions = useMemo(() => flatten(list.data), [list.data]);
  const selection = useSelection(sessions);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);

  return (
    <div className={classes.list}>
      <NotifyOffer />
      <FilterBar view={view} change={change} />
      <BulkBar selection={selection} />
      <p role="status" className={classes.announce}>
        {list.isSuccess ? t("sessions.shown", { count: list.data.pages[0]?.total ?? 0 }) : ""}
      </p>
      {list.isPending && (
        <div className={classes.loading}>
          <Loader aria-label={t("common.loading")} />
        </div>
      )}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && sessions.length === 0 && <EmptyList kind={kind} view={view} clear={() => change({})} />}
      {sessions.length > 0 &&
        (phone ? (
          <SessionCards sessions={sessions} showChannel={kind === "home"} reachedEnd={more} />
        ) : (
          <SessionTable sessions={sessions} showChannel={kind === "home"} sort={view.sort} sortBy={(sort) => change({ sort })} reachedEnd={more} selection={selection} />
        ))}
    </div>
  );
}

function useListView(channel: string) {
  const navigate = useNavigate();
  const search: ListSearch = readListSearch(useSearch({ strict: false }));
  const { status = DEFAULT_STATUS, sort = DEFAULT_SORT, q = "" } = search;
  const view = useMemo<ListView>(() => ({ channel, status, sort, q }), [channel, status, sort, q]);
  /** Changes parts of the view; an empty change goes back to the defaults. */
  const change = (changes: ListSearch) => {
    const next = Object.keys(changes).length === 0 ? {} : { ...search, ...changes };
    void navigate({ to: ".", search: readListSearch({ ...next }), replace: true });
  };
  return { view, change };
}
