// Stores a large set of numbers in bounded memory: ranges for contiguous parts, bitmaps for ragged pages.

import { countBits, maskOf, nextBit, popCount, setBits, PageRanges } from './bit-words.ts';
import { lengthOf, type NumberRange } from './number-range.ts';
import { isEverySlot, numberAt, type SlotShare } from './slot-share.ts';

/*
 *     pages of 4096 numbers     0 ######  1 ######  2 #.##.#  3 ##....  4 ......
 *                               `--- whole: 0–1 --'  `-- ragged: 512 B each --'
 *
 * Numbers arrive almost in order, so nearly every page is whole or not begun. A page stays ragged only if a message is
 * lost or its partition is not read; it then costs one bit per number, whatever the pattern.
 */
const pageNumbers = 4096;
const pageWords = pageNumbers / 32;

interface IntervalSetOptions {
  /** Limit of ragged pages, 512 B each; beyond it, the lowest pages are given up. */
  mostRaggedPages: number;
  /**
   * Treatment of pages given up. `blur`: their content is unknown, and the set is not exact. `fill`: all of their
   * numbers count as seen, which is right for offsets: an offset that was skipped long ago never arrives.
   */
  overflow: 'blur' | 'fill';
}

interface RaggedPage {
  words: Uint32Array;
  count: number;
}

export class IntervalSet {
  readonly #options: IntervalSetOptions;
  readonly #whole = new PageRanges();
  readonly #blurred = new PageRanges();
  readonly #ragged = new Map<number, RaggedPage>();
  /** Ragged page used last. */
  #latest: RaggedPage | undefined;
  #latestPage = -1;
  #count = 0;

  constructor(options: Partial<IntervalSetOptions> = {}) {
    // 64 MiB: half a billion consecutive numbers with gaps in every page.
    this.#options = { mostRaggedPages: 131_072, overflow: 'blur', ...options };
  }

  /** Count of distinct numbers; numbers in blurred pages count each time they are added. */
  get count(): number {
    return this.#count;
  }

  get raggedPages(): number {
    return this.#ragged.size;
  }

  /** @returns how many of the numbers from `from` to `to` (exclusive) were already present; 0 for blurred pages */
  add(from: number, to: number): number {
    let seen = 0;
    for (let at = from; at < to;) {
      const page = Math.floor(at / pageNumbers);
      const end = Math.min(to, (page + 1) * pageNumbers);
      seen += this.#addInPage(page, at - page * pageNumbers, end - page * pageNumbers);
      at = end;
    }
    return seen;
  }

  /** Adds the numbers at indexes `from` to `to` (exclusive) of a share. @returns how many were already present */
  addShare(share: SlotShare, from: number, to: number): number {
    if (isEverySlot(share)) return this.add(from, to);
    const { slots, slotCount, pattern } = share;
    let seen = 0;
    if (to - from === 1 || pattern.length === 0) {
      for (let at = from; at < to; at++) seen += this.#addOne(numberAt(share, at));
      return seen;
    }
    const own = slots.length;
    for (let at = from; at < to;) {
      const block = Math.floor(at / own);
      const end = Math.min(to, (block + 1) * own);
      const low = slots[at - block * own] ?? 0;
      const high = (slots[end - 1 - block * own] ?? 0) + 1;
      const first = (block * slotCount) / 32;
      for (let word = low >>> 5; word * 32 < high; word++) {
        seen += this.#addWord(first + word, (pattern[word] ?? 0) & maskOf(word, low, high));
      }
      at = end;
    }
    return seen;
  }

  /** @returns 1 if the number was already present, otherwise 0 */
  #addOne(number: number): number {
    const page = Math.floor(number / pageNumbers);
    const ragged = this.#open(page);
    if (ragged === undefined) return this.#addClosed(page, 1);
    const at = number - page * pageNumbers;
    const before = ragged.words[at >>> 5] ?? 0;
    if ((before >>> (at & 31)) & 1) return 1;
    ragged.words[at >>> 5] = before | (1 << (at & 31));
    this.#grow(page, ragged, 1);
    return 0;
  }

  has(number: number): boolean {
    return this.countIn(number, number + 1) === 1;
  }

  /** @returns how many of the numbers from `from` to `to` (exclusive) are present; 0 for blurred pages */
  countIn(from: number, to: number): number {
    let count = 0;
    for (let at = from; at < to;) {
      const page = Math.floor(at / pageNumbers);
      const end = Math.min(to, (page + 1) * pageNumbers);
      const ragged = this.#raggedAt(page);
      if (ragged !== undefined) count += countBits(ragged.words, at - page * pageNumbers, end - page * pageNumbers);
      else if (this.#whole.has(page)) count += end - at;
      at = end;
    }
    return count;
  }

  /** Yields the numbers known to be present as ascending ranges; adjacent ranges are merged. */
  *ranges(): Iterable<NumberRange> {
    let [from, to] = [0, 0];
    for (const [start, end] of this.#pieces()) {
      if (start === to) to = end;
      else {
        if (to > from) yield [from, to];
        [from, to] = [start, end];
      }
    }
    if (to > from) yield [from, to];
  }

  /** Yields ascending ranges of numbers for which membership is unknown. */
  *blurredRanges(): Iterable<NumberRange> {
    for (const [start, end] of this.#blurred.ranges()) yield [start * pageNumbers, end * pageNumbers];
  }

  /** Count of numbers in blurred pages. */
  get blurred(): number {
    return lengthOf(this.blurredRanges());
  }

  *#pieces(): Iterable<NumberRange> {
    const pages = [...this.#ragged.keys()].sort((a, b) => a - b);
    let next = 0;
    for (const [start, end] of this.#whole.ranges()) {
      for (; (pages[next] ?? Infinity) < start; next++) yield* this.#runsOf(pages[next] ?? 0);
      yield [start * pageNumbers, end * pageNumbers];
    }
    for (; next < pages.length; next++) yield* this.#runsOf(pages[next] ?? 0);
  }

  *#runsOf(page: number): Iterable<NumberRange> {
    const words = this.#ragged.get(page)?.words;
    if (words === undefined) return;
    const base = page * pageNumbers;
    for (let at = 0; at < pageNumbers;) {
      const from = nextBit(words, at, 0);
      if (from === pageNumbers) return;
      at = nextBit(words, from, -1);
      yield [base + from, base + at];
    }
  }

  #raggedAt(page: number): RaggedPage | undefined {
    if (page === this.#latestPage) return this.#latest;
    const ragged = this.#ragged.get(page);
    if (ragged !== undefined) {
      this.#latest = ragged;
      this.#latestPage = page;
    }
    return ragged;
  }

  /** @returns undefined for a page that is whole or blurred */
  #open(page: number): RaggedPage | undefined {
    const there = this.#raggedAt(page);
    if (there !== undefined) return there;
    if (this.#whole.has(page) || this.#blurred.has(page)) return undefined;
    if (this.#ragged.size >= this.#options.mostRaggedPages) {
      this.#giveUpLowest();
      return this.#open(page);
    }
    const ragged = { words: new Uint32Array(pageWords), count: 0 };
    this.#ragged.set(page, ragged);
    [this.#latest, this.#latestPage] = [ragged, page];
    return ragged;
  }

  #addInPage(page: number, from: number, to: number): number {
    const length = to - from;
    if (length === pageNumbers && this.#raggedAt(page) === undefined) return this.#addWhole(page);
    const ragged = this.#open(page);
    if (ragged === undefined) return this.#addClosed(page, length);
    const added = setBits(ragged.words, from, to);
    this.#grow(page, ragged, added);
    return length - added;
  }

  #addWhole(page: number): number {
    if (this.#whole.has(page)) return pageNumbers;
    this.#count += pageNumbers;
    if (!this.#blurred.has(page)) this.#whole.add(page);
    return 0;
  }

  #addClosed(page: number, numbers: number): number {
    if (this.#whole.has(page)) return numbers;
    this.#count += numbers;
    return 0;
  }

  #addWord(index: number, bits: number): number {
    if (bits === 0) return 0;
    const page = Math.floor(index / pageWords);
    const ragged = this.#open(page);
    const numbers = popCount(bits);
    if (ragged === undefined) return this.#addClosed(page, numbers);
    const word = index - page * pageWords;
    const before = ragged.words[word] ?? 0;
    ragged.words[word] = before | bits;
    const added = popCount(bits & ~before);
    this.#grow(page, ragged, added);
    return numbers - added;
  }

  #grow(page: number, ragged: RaggedPage, added: number): void {
    ragged.count += added;
    this.#count += added;
    if (ragged.count < pageNumbers) return;
    this.#close(page);
    this.#whole.add(page);
  }

  #close(page: number): void {
    this.#ragged.delete(page);
    if (page === this.#latestPage) [this.#latest, this.#latestPage] = [undefined, -1];
  }

  /** Gives up an eighth of the ragged pages at once, because finding the lowest requires a sort of all. */
  #giveUpLowest(): void {
    const pages = [...this.#ragged.keys()].sort((a, b) => a - b);
    const to = this.#options.overflow === 'fill' ? this.#whole : this.#blurred;
    for (const page of pages.slice(0, Math.max(1, pages.length >>> 3))) {
      this.#close(page);
      to.add(page);
    }
  }
}
