// Which language the console speaks: the account's choice, else the browser's, else English.
import { LANGUAGES, type Language } from "../texts";

export function pickLanguage(chosen: string | null | undefined, browser: readonly string[] = navigator.languages): Language {
  const known = [chosen ?? "", ...browser].map((tag) => tag.toLowerCase().split("-")[0] ?? "");
  return LANGUAGES.find((language) => language === known.find((tag) => LANGUAGES.some((one) => one === tag))) ?? "en";
}
