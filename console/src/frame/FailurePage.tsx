// Shown when a page cannot be shown: the reason, and the way on.
import { Button } from "@mantine/core";
import { IconMapPinOff, IconPlugConnectedX } from "@tabler/icons-react";
import { Link, useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { sentence } from "../parts/notices";
import { Empty } from "../parts/Page";

export function FailurePage({ error }: { error: unknown }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main>
      <Empty
        alone
        icon={<IconPlugConnectedX />}
        title={t("failure.title")}
        hint={sentence(error)}
        action={<Button onClick={() => void router.invalidate()}>{t("failure.retry")}</Button>}
      />
    </main>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main>
      <Empty
        alone
        icon={<IconMapPinOff />}
        title={t("failure.notFound")}
        hint={t("failure.notFoundHint")}
        action={
          <Button component={Link} to="/">
            {t("failure.home")}
          </Button>
        }
      />
    </main>
  );
}
