// The console's words. A language is one folder beside this file and one line in each of the two tables below; it is loaded when it is
// first spoken. A test compares every language with English.
import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import type english from "./en";

const CATALOGUES = {
  en: () => import("./en"),
  de: () => import("./de"),
  fr: () => import("./fr"),
  nl: () => import("./nl"),
  es: () => import("./es"),
  ja: () => import("./ja"),
};
export type Language = keyof typeof CATALOGUES;
export const LANGUAGES = Object.keys(CATALOGUES) as Language[];
/** Each language in its own words. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch", fr: "Français", nl: "Nederlands", es: "Español", ja: "日本語" };

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof english };
    returnNull: false;
  }
}

void i18n.use(initReactI18next).init({ resources: {}, fallbackLng: false, interpolation: { escapeValue: false } });

/** Speaks `language` from now on; settles when its words are here. */
export async function speak(language: Language) {
  if (i18n.language === language) return;
  if (!i18n.hasResourceBundle(language, "translation")) {
    const words = await CATALOGUES[language]();
    i18n.addResourceBundle(language, "translation", words.default);
  }
  await i18n.changeLanguage(language);
  if (typeof document !== "undefined") document.documentElement.lang = language;
}

export default i18n;
