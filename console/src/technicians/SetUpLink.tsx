// A one-time set-up link, to be handed to the person it is for.
import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

import { CopyText } from "../parts/CopyText";

export function SetUpLink({ name, link }: { name: string; link: string }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <Text size="sm">{t("technicians.linkText", { name })}</Text>
      <CopyText text={link} label={t("technicians.link")} copyLabel={t("technicians.copyLink")} testId="setup-link" />
      <Text size="sm" c="dimmed">
        {t("technicians.linkOnce")}
      </Text>
    </Stack>
  );
}
