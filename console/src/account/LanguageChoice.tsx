// The choice of the console's language. Signed in, the account remembers it.
import { Select } from "@mantine/core";
import { IconLanguage } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { meQuery } from "../api/queries";
import { pickLanguage } from "../app/language";
import { noticeError } from "../parts/notices";
import { LANGUAGE_NAMES, LANGUAGES, speak } from "../texts";

export function LanguageChoice({ label }: { label?: string }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const choose = async (value: string | null) => {
    const language = pickLanguage(value);
    await speak(language);
    if (!client.getQueryData(meQuery.queryKey)) return;
    try {
      client.setQueryData(meQuery.queryKey, await take(api.PATCH("/api/v1/me", { body: { language } })));
    } catch (error) {
      noticeError(error);
    }
  };
  return (
    <Select
      label={label}
      aria-label={t("account.language")}
      leftSection={<IconLanguage size={16} />}
      allowDeselect={false}
      value={i18n.language}
      data={LANGUAGES.map((language) => ({ value: language, label: LANGUAGE_NAMES[language] }))}
      onChange={(value) => void choose(value)}
      w={label ? 260 : 150}
      size={label ? "sm" : "xs"}
    />
  );
}
