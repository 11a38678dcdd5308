// Keeps one series of the last 24 hours in a fixed number of bytes: three levels of points, coarser with age.

import {
  readingsLevels as levels,
  readingsRanges as ranges,
  type ReadingsRange as Range,
} from '../../core/readings-range.ts';
import { pack, unpack } from './packed-value.ts';

/** Unknown points are missing: gaps are not filled. */
export interface Point {
  /** Start of its slot, milliseconds since the epoch. */
  atMs: number;
  mean: number;
  /** Highest reading of the slot. */
  max: number;
}

/** Mean and maximum of each slot. */
const columns = 2;

const codes = ranges.reduce((sum, range) => sum + columns * levels[range].slots, 0);

/** Size of the points of one series: 3.5 KB. */
export const bytesPerSeries = codes * Uint16Array.BYTES_PER_ELEMENT;

/** The newest, incomplete slot of a level: its mean covers the values so far. */
interface Open {
  slot: number;
  sum: number;
  count: number;
  max: number;
}

export class Ring {
  readonly #codes = new Uint16Array(codes);
  readonly #open: Open[] = ranges.map(() => ({ slot: -Infinity, sum: 0, count: 0, max: 0 }));

  /** Time of the last value; -Infinity before the first. */
  lastMs = -Infinity;

  /** The last value since the service started. */
  last?: number;

  /**
   * Adds a value.
   *
   * @param fromMs start of the period whose mean the value is: fills all slots since then, but none before the last
   *   added value
   */
  add(atMs: number, value: number, fromMs = atMs): void {
    if (!(value >= 0)) return;
    const { slotMs, slots } = levels['1h'];
    const slot = Math.floor(atMs / slotMs);
    // The clock was set back, so later points are wrong.
    if (atMs < this.lastMs - slotMs) this.#forgetAfter(atMs);
    const first = Math.max(Math.floor(fromMs / slotMs) + 1, Math.floor(this.lastMs / slotMs) + 1, slot - slots + 1);
    for (let each = first; each < slot; each++) this.#put(each * slotMs, value);
    this.#put(atMs, value);
    this.lastMs = atMs;
    this.last = value;
  }

  /** @returns known points of the last slots of the range up to now, oldest first; by default all slots */
  points(range: Range, nowMs: number, wanted: number = levels[range].slots): Point[] {
    const { slotMs } = levels[range];
    const last = Math.floor(nowMs / slotMs);
    const points: Point[] = [];
    for (let slot = last - wanted + 1; slot <= last; slot++) {
      const point = this.at(range, slot);
      if (point !== undefined) points.push(point);
    }
    return points;
  }

  /** @param slot counted from the epoch */
  at(range: Range, slot: number): Point | undefined {
    const index = ranges.indexOf(range);
    const { slotMs, slots } = levels[range];
    const newest = this.#open[index]?.slot ?? -Infinity;
    if (slot > newest || slot <= newest - slots) return undefined;
    const at = starts[range] + columns * (slot % slots);
    const [mean, max] = [unpack(this.#codes[at] ?? 0), unpack(this.#codes[at + 1] ?? 0)];
    return mean === undefined || max === undefined ? undefined : { atMs: slot * slotMs, mean, max };
  }

  /**
   * Restores a saved point of the coarsest level: each finer slot of its time gets the same mean. Call in ascending
   * order, before any `add`.
   */
  restore({ atMs, mean, max }: Point, untilMs: number): void {
    for (const range of ranges) {
      const { slotMs } = levels[range];
      for (let slot = Math.ceil(atMs / slotMs); slot * slotMs < untilMs; slot++) {
        this.#write(range, { slot, sum: mean, count: 1, max });
      }
    }
    this.lastMs = untilMs - 1;
  }

  #put(atMs: number, value: number): void {
    for (const [index, range] of ranges.entries()) {
      const slot = Math.floor(atMs / levels[range].slotMs);
      const open = this.#open[index];
      const isSame = open?.slot === slot;
      this.#write(range, {
        slot,
        sum: value + (isSame ? open.sum : 0),
        count: 1 + (isSame ? open.count : 0),
        max: Math.max(value, isSame ? open.max : 0),
      });
    }
  }

  #write(range: Range, next: Open): void {
    const index = ranges.indexOf(range);
    const { slots } = levels[range];
    const before = this.#open[index]?.slot ?? -Infinity;
    for (let slot = Math.max(before + 1, next.slot - slots + 1); slot < next.slot; slot++) this.#clear(range, slot);
    this.#open[index] = next;
    const at = starts[range] + columns * (next.slot % slots);
    this.#codes[at] = pack(next.sum / next.count);
    this.#codes[at + 1] = pack(next.max);
  }

  #clear(range: Range, slot: number): void {
    const at = starts[range] + columns * (slot % levels[range].slots);
    this.#codes.fill(0, at, at + columns);
  }

  #forgetAfter(atMs: number): void {
    for (const [index, range] of ranges.entries()) {
      const { slotMs, slots } = levels[range];
      const open = this.#open[index];
      const slot = Math.floor(atMs / slotMs);
      if (open === undefined || slot >= open.slot) continue;
      for (let each = Math.max(slot, open.slot - slots + 1); each <= open.slot; each++) this.#clear(range, each);
      this.#open[index] = { slot: slot - 1, sum: 0, count: 0, max: 0 };
    }
    this.lastMs = atMs;
  }
}

const starts: Readonly<Record<Range, number>> = {
  '1h': 0,
  '6h': columns * levels['1h'].slots,
  '24h': columns * (levels['1h'].slots + levels['6h'].slots),
};
