// Which language the console speaks: the account's choice, else the browser's, else English.
import i18n, { LANGUAGES, type Language } from "../texts";

export function pickLanguage(chosen: string | null | undefined, browser: readonly string[] = navigator.languages): Language {
  const known = [chosen ?? "", ...browser].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return LANGUAGES.find((language) => language === known.find((tag) => LANGUAGES.some((one) => one === tag))) ?? "en";
}

export function speak(language: Language) {
  document.documentElement.lang = language;
  if (i18n.language !== language) void i18n.changeLanguage(language);
}
