// What the end user needs to come in: the session link (to copy or to scan) and the PIN with how long it works.
import { Button, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { linkQuery, pinQuery, sessionQuery } from "../../api/queries";
import { useNow } from "../../parts/clock";
import { CopyButton, CopyText } from "../../parts/CopyText";
import { Failed } from "../../parts/Failed";
import { moment, stopwatch } from "../../parts/moments";
import { noticeError } from "../../parts/notices";
import { QrCode } from "../../parts/QrCode";
import classes from "./InvitePanel.module.css";

export function InvitePanel({ sessionId, qr = true }: { sessionId: string; qr?: boolean }) {
  const { t } = useTranslation();
  const session = useQuery(sessionQuery(sessionId)).data;
  const may = session?.actions ?? [];
  const link = useQuery({ ...linkQuery(sessionId), enabled: may.includes("copy_link") });
  if (link.isError) return <Failed error={link.error} retry={() => void link.refetch()} />;

  return (
    <div className={classes.invite}>
      {may.includes("copy_link") && (
        <section aria-label={t("invite.link")} className={classes.part}>
          <h3 className={classes.head}>{t("invite.link")}</h3>
          {link.data ? <LinkWithCode link={link.data.link} qr={qr} /> : <Skeleton height={36} />}
        </section>
      )}
      {may.includes("show_pin") && <PinSection sessionId={sessionId} mayRenew={may.includes("new_pin")} />}
      {session && !may.includes("copy_link") && !may.includes("show_pin") && <p className={classes.quiet}>{t("invite.over")}</p>}
    </div>
  );
}

function LinkWithCode({ link, qr }: { link: string; qr: boolean }) {
  const { t } = useTranslation();
  return (
    <>
      <CopyText text={link} label={t("invite.link")} copyLabel={t("invite.copyLink")} testId="session-link" />
      {qr && (
        <div className={classes.scan}>
          <QrCode text={link} label={t("invite.qr")} size={132} />
          <p className={classes.quiet}>{t("invite.qrHint")}</p>
        </div>
      )}
    </>
  );
}

function PinSection({ sessionId, mayRenew }: { sessionId: string; mayRenew: boolean }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const now = useNow();
  const pin = useQuery(pinQuery(sessionId));
  const renew = useMutation({
    mutationFn: () => take(api.POST("/api/v1/sessions/{id}/pin", { params: { path: { id: sessionId } } })),
    onSuccess: (fresh) => client.setQueryData(pinQuery(sessionId).queryKey, fresh),
    onError: noticeError,
  });
  if (pin.isError) return <Failed error={pin.error} retry={() => void pin.refetch()} />;
  if (!pin.data) return <Skeleton height={64} />;

  const left = pin.data.expires_at ? Date.parse(pin.data.expires_at) - now : 0;
  const live = pin.data.pin && left > 0 ? pin.data.pin : null;
  const locked = pin.data.locked_until && Date.parse(pin.data.locked_until) > now ? pin.data.locked_until : null;
  return (
    <section aria-label={t("invite.pin")} className={classes.part}>
      <h3 className={classes.head}>{t("invite.pin")}</h3>
      <div className={classes.pinRow}>
        {live ? <Digits pin={live} /> : <p className={classes.gone}>{t("invite.pinGone")}</p>}
        <div className={classes.pinButtons}>
          {live && <CopyButton text={live} label={t("invite.copyPin")} />}
          {mayRenew && (
            <Button variant={live ? "subtle" : "filled"} leftSection={<IconRefresh size={16} />} loading={renew.isPending} onClick={() => renew.mutate()} data-testid="new-pin">
              {t("actions.new_pin")}
            </Button>
          )}
        </div>
      </div>
      {live && <p className={classes.quiet}>{t("invite.pinLeft", { left: stopwatch(left) })}</p>}
      {locked && (
        <p role="alert" className={classes.warning}>
          {t("invite.locked", { until: moment(locked, i18n.language) })}
        </p>
      )}
    </section>
  );
}

/** Two groups of three, so that it can be read out. Copying takes the six digits without the gap. */
function Digits({ pin }: { pin: string }) {
  const { t } = useTranslation();
  return (
    <output className={classes.digits} aria-label={t("invite.pinDigits", { digits: [...pin].join(" ") })} data-testid="session-pin" data-pin={pin}>
      <span>{pin.slice(0, 3)}</span>
      <span>{pin.slice(3)}</span>
    </output>
  );
}
