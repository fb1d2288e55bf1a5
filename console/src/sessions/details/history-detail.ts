// Takes the gateway's short detail of a happening apart: names stay, rights and moments get words of the reader's language. Pure.
import type { Rights } from "../../api/types";

export interface HistoryDetail {
  /** Names and whatever else there is, as the gateway wrote it. */
  words: string;
  rights: Rights | null;
  /** RFC 3339. */
  until: string | null;
  /** Of a rating. */
  stars: number | null;
}

export function historyDetail(detail: string): HistoryDetail {
  const words: string[] = [];
  let rights: Rights | null = null;
  let until: string | null = null;
  let stars: number | null = null;
  for (const word of detail.split(" ").filter(Boolean)) {
    const [name, value] = word.split(":");
    if (word === "view" || word === "control") rights = word;
    else if (name === "until" && Number(value) > 0) until = new Date(Number(value)).toISOString();
    else if (name === "stars" && Number(value) > 0) stars = Number(value);
    else if (name !== "in_a_row") words.push(word);
  }
  return { words: words.join(" "), rights, until, stars };
}
