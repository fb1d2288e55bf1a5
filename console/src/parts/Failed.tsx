// In place of something that could not be loaded: the sentence, and another try.
import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { sentence } from "./notices";
import { Empty } from "./Page";

export function Failed({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert">
      <Empty
        icon={<IconAlertTriangle />}
        title={t("failure.title")}
        hint={sentence(error)}
        action={
          <Button variant="default" onClick={retry}>
            {t("failure.retry")}
          </Button>
        }
      />
    </div>
  );
}
