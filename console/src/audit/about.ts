// What a record of the audit says beside its action, in the reader's words. Pure but for the texts.
import type { i18n, TFunction } from "i18next";

import type { AuditPart } from "../api/types";
import { moment, span } from "../parts/moments";
import { historyDetail } from "../sessions/details/history-detail";
import { LABELS } from "../settings/fields";

/** Parts that stand for themselves, in their order; a sentence is not made of them. */
export function aboutWords(parts: AuditPart[], t: TFunction, i18n: i18n): string {
  return parts
    .map((part) => partWords(part, t, i18n))
    .filter(Boolean)
    .join(" · ");
}

function partWords(part: AuditPart, t: TFunction, i18n: i18n): string {
  switch (part.is) {
    case "name":
      return part.text;
    case "gone":
      return i18n.exists(`audit.gone.${part.kind}`) ? t(`audit.gone.${part.kind}` as "audit.gone.channel") : part.kind;
    case "role":
      return t(`roles.${part.role}`);
    case "permission":
      return permissionWords(part.permission, part.setting, t, i18n);
    case "word":
      return word(part.text, t, i18n);
  }
}

function permissionWords(permission: string, setting: string, t: TFunction, { exists }: i18n): string {
  const name = `permissions.names.${permission.replaceAll(".", "_")}`;
  const place = `permissions.places.${setting}`;
  const what = exists(name) ? t(name as "permissions.names.session_take") : permission;
  return `${what}: ${exists(place) ? t(place as "permissions.places.on") : setting}`;
}

function word(text: string, t: TFunction, i18n: i18n): string {
  const set = settingWords(text, t, i18n);
  if (set) return set;
  if (i18n.exists(`audit.words.${text}`)) return t(`audit.words.${text}` as "audit.words.joined");
  const { words, rights, until, stars } = historyDetail(text);
  if (rights) return t(`rights.${rights}`);
  if (until) return t("history.until", { time: moment(until, i18n.language) });
  if (stars) return t("rating.stars", { count: stars });
  return words;
}

/** A setting of the gateway and what it was set to: `sign_in_s:3600`. */
function settingWords(text: string, t: TFunction, i18n: i18n): string | null {
  const [, name = "", value = ""] = /^(\w+):(.+)$/s.exec(text) ?? [];
  if (!isSetting(name)) return null;
  const label = t(LABELS[name]);
  const key = name === "default_rights" ? `rights.${value}` : `channels.verifications.${value}`;
  if (name.endsWith("_s")) return `${label}: ${span(Number(value), i18n.language)}`;
  return `${label}: ${name !== "organisation" && i18n.exists(key) ? t(key as "rights.view") : value}`;
}

const isSetting = (name: string): name is keyof typeof LABELS => Object.hasOwn(LABELS, name);
