// The audit: who did what to which session, from where; searched, filtered, exported, and whether it is whole.
import { Button, Loader, Menu } from "@mantine/core";
import { IconDownload, IconFileSearch } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useMay } from "../app/me";
import { NotFoundPage } from "../frame/FailurePage";
import { Failed } from "../parts/Failed";
import { Empty, Page } from "../parts/Page";
import classes from "./AuditPage.module.css";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";
import { Chain } from "./Chain";
import { auditQuery, exportPath } from "./queries";
import { readAuditSearch, type AuditSearch } from "./search";

export function AuditPage() {
  return useMay("audit.view") ? <Audit /> : <NotFoundPage />;
}

function Audit() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = readAuditSearch(useSearch({ strict: false }));
  const records = useInfiniteQuery({ ...auditQuery(search), placeholderData: keepPreviousData });
  const items = records.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (changes: AuditSearch) => void navigate({ to: "/audit", search: readAuditSearch({ ...search, ...changes }), replace: true });
  return (
    <Page wide title={t("audit.title")} subtitle={t("audit.hint")} actions={<Export search={search} />}>
      <Chain />
      <AuditFilters search={search} change={change} />
      {records.isPending && <Loader aria-label={t("common.loading")} />}
      {records.isError && <Failed error={records.error} retry={() => void records.refetch()} />}
      {records.isSuccess && items.length === 0 && <Empty icon={<IconFileSearch />} title={t("audit.nothing")} hint={t("audit.nothingHint")} />}
      {items.length > 0 && <AuditTable records={items} />}
      {records.hasNextPage && (
        <div className={classes.more}>
          <Button variant="default" loading={records.isFetchingNextPage} onClick={() => void records.fetchNextPage()}>
            {t("audit.older")}
          </Button>
        </div>
      )}
    </Page>
  );
}

function Export({ search }: { search: AuditSearch }) {
  const { t, i18n } = useTranslation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={17} />} data-testid="audit-export">
          {t("audit.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={exportPath(search, "csv", i18n.language)} download data-testid="audit-csv">
          CSV
        </Menu.Item>
        <Menu.Item component="a" href={exportPath(search, "json", i18n.language)} download data-testid="audit-json">
          JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
