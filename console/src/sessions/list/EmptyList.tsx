// An empty session list says why it is empty and what to do next.
import { Button } from "@mantine/core";
import { IconHeadset, IconMoodSmile, IconSearchOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { Empty } from "../../parts/Page";
import { useNewSession } from "../new/NewSessionProvider";
import type { ListKind } from "./SessionList";
import type { ListView } from "./view";

export function EmptyList({ kind, view, clear }: { kind: ListKind; view: ListView; clear: () => void }) {
  const { t } = useTranslation();
  const newSession = useNewSession();
  const showAll = (
    <Button variant="default" onClick={clear}>
      {t("empty.showOpen")}
    </Button>
  );
  if (view.q) return <Empty icon={<IconSearchOff />} title={t("empty.search", { q: view.q })} hint={t("empty.searchHint")} action={showAll} />;
  if (view.status !== "open") {
    return <Empty icon={<IconMoodSmile />} title={t("empty.status", { status: t(`filter.${view.status}`) })} hint={t("empty.statusHint")} action={showAll} />;
  }
  return (
    <Empty
      icon={<IconHeadset />}
      title={t(`empty.${kind}`)}
      hint={t(`empty.${kind}Hint`)}
      action={<Button onClick={() => newSession.open(kind === "home" ? undefined : view.channel)}>{t("sessions.new")}</Button>}
    />
  );
}
