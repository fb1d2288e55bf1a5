// A form's draft beside what others save meanwhile: what I did not touch follows them, what both touched is for me to decide. Pure.

export interface Draft<T> {
  /** What was saved when I began to type. */
  base: T;
  typed: T;
}

export interface Merged<T> {
  /** What the form shows. */
  value: T;
  /** What I changed: only this is sent. */
  mine: (keyof T)[];
  /** What somebody else changed since I began, to something else than I did. */
  conflicts: (keyof T)[];
}

export function merge<T extends object>(draft: Draft<T> | undefined, saved: T): Merged<T> {
  if (!draft) return { value: saved, mine: [], conflicts: [] };
  const { base, typed } = draft;
  const keys = Object.keys(saved) as (keyof T)[];
  const touched = keys.filter((key) => !same(typed[key], base[key]));
  const mine = touched.filter((key) => !same(typed[key], saved[key]));
  return {
    value: { ...saved, ...pick(typed, touched) },
    mine,
    conflicts: mine.filter((key) => !same(saved[key], base[key])),
  };
}

/** What of `value` these fields are. */
export function pick<T extends object>(value: T, keys: (keyof T)[]): Partial<T> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Partial<T>;
}

/** Goes on with all that I typed, knowing what was saved meanwhile. */
export function keepMine<T extends object>(draft: Draft<T>, saved: T): Draft<T> {
  return { base: saved, typed: merge(draft, saved).value };
}

/** Takes what others saved where both changed something; the rest of mine stays. */
export function takeTheirs<T extends object>(draft: Draft<T>, saved: T): Draft<T> {
  const { value, conflicts } = merge(draft, saved);
  return { base: saved, typed: { ...value, ...pick(saved, conflicts) } };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
