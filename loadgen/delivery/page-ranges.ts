// Stores a set of page numbers as sorted ranges, which mostly grow at the end.

import type { NumberRange } from './number-range.ts';

export class PageRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  has(page: number): boolean {
    const at = this.#at(page);
    return at >= 0 && page < (this.#ends[at] ?? 0);
  }

  /** @param page must not be in the set */
  add(page: number): void {
    const before = this.#at(page);
    const after = before + 1;
    const joinsBefore = before >= 0 && this.#ends[before] === page;
    const joinsAfter = this.#starts[after] === page + 1;
    if (joinsBefore && joinsAfter) {
      this.#ends[before] = this.#ends[after] ?? 0;
      this.#starts.splice(after, 1);
      this.#ends.splice(after, 1);
    } else if (joinsBefore) this.#ends[before] = page + 1;
    else if (joinsAfter) this.#starts[after] = page;
    else {
      this.#starts.splice(after, 0, page);
      this.#ends.splice(after, 0, page + 1);
    }
  }

  *ranges(): Iterable<NumberRange> {
    for (const [index, start] of this.#starts.entries()) yield [start, this.#ends[index] ?? start];
  }

  /** @returns index of the last range that starts at or before the page; -1 if none */
  #at(page: number): number {
    let [low, high] = [0, this.#starts.length];
    if (high > 0 && (this.#starts[high - 1] ?? 0) <= page) return high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= page) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
