// Filter, search and order of a list live in the address: reload, back and a copied address keep them.
import { SORTS, STATUS_FILTERS, type Sort, type StatusFilter } from "./view";

export interface ListSearch {
  status?: StatusFilter;
  q?: string;
  sort?: Sort;
}

export const DEFAULT_STATUS: StatusFilter = "open";
export const DEFAULT_SORT: Sort = "created";

/** Reads an address; what is unknown or the default is left out. */
export function readListSearch(search: Record<string, unknown>): ListSearch {
  const status = STATUS_FILTERS.find((one) => one === search.status && one !== DEFAULT_STATUS);
  const sort = SORTS.find((one) => one === search.sort && one !== DEFAULT_SORT);
  // The router reads a search for digits as a number.
  const q = typeof search.q === "string" || typeof search.q === "number" ? String(search.q) : "";
  return { ...(status && { status }), ...(sort && { sort }), ...(q && { q }) };
}
