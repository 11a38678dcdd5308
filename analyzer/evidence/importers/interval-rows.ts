// Stores the intervals of a host as rows of numbers in blocks, in a fifth of the memory of objects.

import type { HostInterval, HostIntervals, Span } from '../load-test-run.ts';
import { figureAt, fits, layoutOf, pack, readRow, viewRow, writeRow, type Rows } from './row-layout.ts';

interface Block extends Rows {
  /** Number of rows in the previous blocks. */
  first: number;
  rows: number;
}

const [fewestRows, mostRows] = [8, 512];

export class IntervalRows implements HostIntervals {
  readonly #blocks: Block[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(interval: HostInterval): void {
    const block = this.#blockFor(interval);
    const at = block.rows * block.layout.width;
    if (at === block.numbers.length) {
      const larger = new Float64Array(Math.min(2 * block.rows, mostRows) * block.layout.width);
      larger.set(block.numbers);
      block.numbers = larger;
    }
    writeRow(block.layout, interval, block.numbers, at);
    block.rows += 1;
    this.#length += 1;
  }

  #blockFor(interval: HostInterval): Block {
    const last = this.#blocks.at(-1);
    const isLike = last !== undefined && fits(last.layout, interval);
    if (isLike && last.rows < mostRows) return last;
    const layout = isLike ? last.layout : layoutOf(interval);
    let numbers: Float64Array = new Float64Array(fewestRows * layout.width);
    if (isLike) {
      // After a full block, the next block of the same layout is expected to be full, too.
      ({ numbers } = last);
      Object.assign(last, pack(last, last.rows));
    }
    const block = { layout, first: this.#length, rows: 0, numbers };
    this.#blocks.push(block);
    return block;
  }

  at(index: number): HostInterval | undefined {
    const row = index < 0 ? this.#length + index : index;
    const block = this.#blocks.find(({ first, rows }) => row >= first && row < first + rows);
    return block && readRow(block, row - block.first);
  }

  *[Symbol.iterator](): Iterator<HostInterval> {
    for (const block of this.#blocks) {
      for (let row = 0; row < block.rows; row += 1) yield readRow(block, row);
    }
  }

  *#views(): Generator<HostInterval> {
    for (const block of this.#blocks) {
      for (let row = 0; row < block.rows; row += 1) yield viewRow(block, row);
    }
  }

  find(isWanted: (interval: HostInterval) => unknown): HostInterval | undefined {
    return this.#views().find(isWanted);
  }

  filter(isKept: (span: Span) => boolean): HostInterval[] {
    const kept: HostInterval[] = [];
    const span = { from: 0, to: 0 };
    for (const block of this.#blocks) {
      for (let row = 0; row < block.rows; row += 1) {
        span.from = figureAt(block, row, 0);
        span.to = figureAt(block, row, 1);
        if (isKept(span)) kept.push(viewRow(block, row));
      }
    }
    return kept;
  }

  map<T>(change: (interval: HostInterval) => T): T[] {
    return Array.from(this.#views(), change);
  }

  flatMap<T>(change: (interval: HostInterval) => T | readonly T[]): T[] {
    const all: T[] = [];
    for (const interval of this.#views()) {
      const changed = change(interval);
      if (Array.isArray(changed)) all.push(...changed);
      else all.push(changed as T);
    }
    return all;
  }
}
