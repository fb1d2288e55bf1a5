// Whether the audit is whole: how far it is signed, and a check of every record.
import { Alert, Button } from "@mantine/core";
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { fullMoment, moment } from "../parts/moments";
import { noticeError } from "../parts/notices";
import classes from "./AuditPage.module.css";
import { auditStatusQuery, checkAudit } from "./queries";

export function Chain() {
  const { t, i18n } = useTranslation();
  const status = useQuery(auditStatusQuery).data;
  const check = useMutation({ mutationFn: checkAudit, onError: noticeError });
  const number = new Intl.NumberFormat(i18n.language);
  return (
    <>
      <section className={classes.chain} aria-label={t("audit.chain")}>
        <IconShieldCheck size={20} aria-hidden />
        <div className={classes.chainWords} role="status">
          {check.data?.whole && <strong>{t("audit.whole", { records: number.format(check.data.records) })} </strong>}
          {status && (
            <span className={classes.quiet} title={status.signed_at ? fullMoment(status.signed_at, i18n.language) : undefined}>
              {status.signed_at
                ? t("audit.signed", { records: number.format(status.records), signed: number.format(status.signed_records), at: moment(status.signed_at, i18n.language) })
                : t("audit.unsigned", { records: number.format(status.records) })}
            </span>
          )}
        </div>
        <Button variant="default" size="xs" loading={check.isPending} onClick={() => check.mutate()}>
          {t("audit.check")}
        </Button>
      </section>
      {check.data?.problem && (
        <Alert color="brick" icon={<IconAlertTriangle />} title={t("audit.broken")} mb="md">
          {check.data.problem}
        </Alert>
      )}
    </>
  );
}
