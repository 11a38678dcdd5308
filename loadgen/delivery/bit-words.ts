// Sets, counts and finds bits in a Uint32Array, 32 to a word, least significant first.

import type { NumberRange } from './number-range.ts';

/** @returns mask of the bits of one word that lie in `from` to `to` (exclusive); the range may extend past the word */
export function maskOf(word: number, from: number, to: number): number {
  const start = word * 32;
  if (from >= start + 32 || to <= start) return 0;
  const low = from > start ? -1 << (from & 31) : -1;
  const high = to < start + 32 ? (1 << (to & 31)) - 1 : -1;
  return low & high;
}

/** @returns how many of the bits were not set before */
export function setBits(words: Uint32Array, from: number, to: number): number {
  let added = 0;
  for (let word = from >>> 5; word * 32 < to; word++) {
    const before = words[word] ?? 0;
    const bits = maskOf(word, from, to);
    words[word] = before | bits;
    added += popCount(bits & ~before);
  }
  return added;
}

export function countBits(words: Uint32Array, from: number, to: number): number {
  let count = 0;
  for (let word = from >>> 5; word * 32 < to; word++) count += popCount((words[word] ?? 0) & maskOf(word, from, to));
  return count;
}

/**
 * @param flip 0 to find a set bit, -1 to find a clear bit
 * @returns position of the first such bit at or after `at`; past the last word if none
 */
export function nextBit(words: Uint32Array, at: number, flip: 0 | -1): number {
  for (let word = at >>> 5; word < words.length; word++) {
    const bits = ((words[word] ?? 0) ^ flip) & maskOf(word, at, 32 * words.length);
    if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
  }
  return 32 * words.length;
}

/** Warren, "Hacker's Delight", figure 5-2. */
export function popCount(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return Math.imul((sum + (sum >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Stores a set of page numbers as sorted ranges, which mostly grow at the end. */
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
