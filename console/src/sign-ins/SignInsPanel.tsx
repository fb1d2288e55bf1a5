// Where I am signed in: each browser with its address and when it was last used; signing out there, or everywhere but here.
import { Button, Group, Loader, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconDeviceDesktop, IconDeviceMobile } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { signInsQuery } from "../api/queries";
import type { MySignIn } from "../api/types";
import { useSignOut } from "../app/sign-out";
import { useNow } from "../parts/clock";
import { Failed } from "../parts/Failed";
import { fullMoment, moment, relative } from "../parts/moments";
import { noticeDone, noticeError } from "../parts/notices";
import { Panel } from "../parts/Page";
import { browserWords } from "./browser";
import classes from "./SignInsPanel.module.css";

export function SignInsPanel() {
  const { t } = useTranslation();
  const signIns = useQuery(signInsQuery);
  const signOut = useSignOut();
  const end = useEnd();
  const list = signIns.data ?? [];
  const others = list.filter((one) => !one.this);
  const ordered = [...list.filter((one) => one.this), ...others];
  const endOthers = () =>
    modals.openConfirmModal({
      title: t("signIns.others"),
      children: <Text size="sm">{t("signIns.othersText", { count: others.length })}</Text>,
      labels: { confirm: t("signIns.others"), cancel: t("common.cancel") },
      confirmProps: { "data-testid": "confirm-sign-out-others" },
      cancelProps: { "data-autofocus": true },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm: () => end.mutate(null),
    });
  return (
    <Panel title={t("signIns.title")} className={classes.panel}>
      <Text size="sm" c="dimmed" mb="sm">
        {t("signIns.hint")}
      </Text>
      {signIns.isPending && <Loader aria-label={t("common.loading")} size="sm" />}
      {signIns.isError && <Failed error={signIns.error} retry={() => void signIns.refetch()} />}
      <ul className={classes.list}>
        {ordered.map((one) => (
          <SignIn key={one.id} signIn={one} busy={end.isPending && end.variables?.id === one.id} end={() => end.mutate(one)} />
        ))}
      </ul>
      <Group gap="xs" mt="md">
        <Button variant="default" onClick={() => void signOut()} data-testid="sign-out-here">
          {t("account.signOut")}
        </Button>
        {others.length > 0 && (
          <Button variant="default" onClick={endOthers} data-testid="sign-out-others">
            {t("signIns.others")}
          </Button>
        )}
      </Group>
    </Panel>
  );
}

function SignIn({ signIn, busy, end }: { signIn: MySignIn; busy: boolean; end: () => void }) {
  const { t, i18n } = useTranslation();
  const now = useNow();
  const { name, system, phone } = browserWords(signIn.browser);
  const words = [name || t("signIns.unknown"), system].filter(Boolean).join(" · ");
  const Icon = phone ? IconDeviceMobile : IconDeviceDesktop;
  const since = t("signIns.since", { moment: moment(signIn.since, i18n.language) });
  const used = signIn.this || signIn.open ? t("signIns.open") : t("signIns.used", { ago: relative(Date.parse(signIn.used_at), now, i18n.language) });
  return (
    <li className={classes.one} data-testid="sign-in" data-this={signIn.this || undefined}>
      <Icon size={22} className={classes.icon} aria-hidden />
      <div className={classes.words}>
        <span className={classes.name} title={signIn.browser}>
          {words}
          {signIn.this && <span className={classes.here}>{t("signIns.here")}</span>}
        </span>
        <span className={classes.more}>
          <span title={fullMoment(signIn.used_at, i18n.language)}>{used}</span>
          {signIn.address && <span className="mono">{signIn.address}</span>}
          <span title={fullMoment(signIn.since, i18n.language)}>{since}</span>
        </span>
      </div>
      {!signIn.this && (
        <Button size="xs" variant="default" loading={busy} onClick={end} aria-label={t("signIns.endOne", { browser: words })} data-testid="sign-out-there">
          {t("account.signOut")}
        </Button>
      )}
    </li>
  );
}

/** Signs out one place, or with null all others. */
function useEnd() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (one: MySignIn | null) => take(one ? api.DELETE("/api/v1/me/sign-ins/{id}", { params: { path: { id: one.id } } }) : api.POST("/api/v1/me/sign-ins/end-others")),
    onSuccess: () => noticeDone(t("signIns.done")),
    onError: noticeError,
    // Also after an error: it may have ended by itself.
    onSettled: () => client.invalidateQueries({ queryKey: signInsQuery.queryKey }),
  });
}
