// What a browser calls itself, in two words that its owner recognises. Pure; a guess, as every reading of these names is.

export interface BrowserWords {
  /** `Firefox 153`; what it calls itself first when it is none that we know; empty when it says nothing. */
  name: string;
  /** `Linux`; empty when it does not say. */
  system: string;
  phone: boolean;
}

/** The first that fits: many call themselves by others' names too. */
const NAMES: [RegExp, string][] = [
  [/\bEdgA?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bVivaldi\/(\d+)/, "Vivaldi"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/, "Chrome"],
  [/\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/\bWindows NT\b/, "Windows"],
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

export function browserWords(userAgent: string): BrowserWords {
  const known = NAMES.map(([pattern, name]) => ({ name, version: pattern.exec(userAgent)?.[1] })).find((one) => one.version);
  const first = /^[^\s/]{1,40}/.exec(userAgent)?.[0] ?? "";
  const system = SYSTEMS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "";
  return {
    name: known ? `${known.name} ${known.version}` : first,
    system,
    phone: /\b(Mobile|iPhone)\b/.test(userAgent),
  };
}
