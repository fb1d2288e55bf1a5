// Filter by status, search, and (where there are no column heads) the order.
import { CloseButton, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { SEARCH_FIELD } from "../../frame/Shortcuts";
import classes from "./FilterBar.module.css";
import type { ListSearch } from "./search";
import { SORTS, STATUS_FILTERS, type ListView } from "./view";

interface FilterBarProps {
  view: ListView;
  change: (changes: ListSearch) => void;
}

export function FilterBar({ view, change }: FilterBarProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.bar} role="search">
      <div className={classes.chips} role="group" aria-label={t("filter.title")}>
        {STATUS_FILTERS.map((status) => (
          <button key={status} type="button" className={classes.chip} aria-pressed={view.status === status} data-testid={`filter-${status}`} onClick={() => change({ status })}>
            {t(`filter.${status}`)}
          </button>
        ))}
      </div>
      <div className={classes.tools}>
        <SearchField q={view.q} search={(q) => change({ q })} />
        <Select
          className={classes.sort}
          aria-label={t("sort.title")}
          value={view.sort}
          allowDeselect={false}
          data={SORTS.map((sort) => ({ value: sort, label: t(`sort.${sort}`) }))}
          onChange={(value) => change({ sort: SORTS.find((one) => one === value) })}
          comboboxProps={{ width: "max-content", position: "bottom-end" }}
        />
      </div>
    </div>
  );
}

const PAUSE_MS = 150;

function SearchField({ q, search }: { q: string; search: (q: string) => void }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(q);
  const sent = useRef(q);
  const send = useDebouncedCallback((value: string) => {
    sent.current = value.trim();
    search(value.trim());
  }, PAUSE_MS);

  // Somebody else changed the address: back, or the filter was cleared.
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q;
    setTyped(q);
  }, [q]);

  const write = (value: string) => {
    setTyped(value);
    send(value);
  };
  return (
    <TextInput
      className={classes.search}
      {...{ [SEARCH_FIELD]: true }}
      type="search"
      aria-label={t("filter.search")}
      placeholder={t("filter.search")}
      leftSection={<IconSearch size={16} />}
      rightSection={typed && <CloseButton size="sm" aria-label={t("filter.clear")} onClick={() => write("")} />}
      value={typed}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Escape" && (write(""), event.currentTarget.blur())}
      data-testid="list-search"
    />
  );
}
