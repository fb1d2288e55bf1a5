// Which sequences of one class came already. Owns the memory of it, which is bounded.

const WINDOW = 4096;

export class Seen {
  #highest = 0;
  readonly #recent = new Set<number>();

  /** Whether `sequence` came, or is so old that it does not matter any more. */
  has(sequence: number): boolean {
    return this.#recent.has(sequence) || sequence <= this.#highest - WINDOW;
  }

  /** Whether `sequence` is new; remembers it. What lies further back than the window counts as known. */
  first(sequence: number): boolean {
    if (sequence <= this.#highest - WINDOW || this.#recent.has(sequence)) return false;
    this.#recent.add(sequence);
    this.#highest = Math.max(this.#highest, sequence);
    if (this.#recent.size > 2 * WINDOW) {
      for (const old of this.#recent) if (old <= this.#highest - WINDOW) this.#recent.delete(old);
    }
    return true;
  }
}
