// Collects the send p99 of each second of a step from the journal lines of all workers.

import type { SparseCounts } from '../../../core/statistics/latency-counts.ts';
import { createLatencySum, type LatencySum } from '../../../core/statistics/latency-sum.ts';
import type { LatencySecond, Span } from '../load-test-run.ts';

/** Workers report at different times, so a second stays open until this many later ones have begun. */
const mostOpen = 12;

export class LatencyCourse {
  readonly #seconds: LatencySecond[] = [];
  readonly #open = new Map<number, Span & { sum: LatencySum }>();
  /** Empty sums of closed seconds, because their arrays are large. */
  readonly #spare: LatencySum[] = [];

  /** @param interval of one worker; it belongs to the second that contains its middle */
  add({ from, to }: Span, counts: SparseCounts): void {
    const second = Math.floor((from + to) / 2);
    const known = this.#open.get(second) ?? { from, to, sum: this.#spare.pop() ?? createLatencySum() };
    known.from = Math.min(known.from, from);
    known.to = Math.max(known.to, to);
    known.sum.addCounts(counts);
    this.#open.set(second, known);
    if (this.#open.size > mostOpen) this.#close(Math.min(...this.#open.keys()));
  }

  /** @returns seconds with acknowledged sends whose middle is in the window; call it last */
  within(window: Span): readonly LatencySecond[] {
    for (const second of [...this.#open.keys()].sort((a, b) => a - b)) this.#close(second);
    return this.#seconds.filter(({ from, to }) => (from + to) / 2 >= window.from && (from + to) / 2 < window.to);
  }

  #close(second: number): void {
    const { from, to, sum } = this.#open.get(second) as Span & { sum: LatencySum };
    this.#open.delete(second);
    const p99Seconds = sum.p99();
    if (p99Seconds !== undefined) this.#seconds.push({ from, to, p99Seconds });
    sum.clear();
    this.#spare.push(sum);
  }
}
