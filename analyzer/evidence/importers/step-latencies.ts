// Sums the latencies of a step while it is read, so that its warm-up can be excluded once the whole step is known.

import type { Percentiles } from '../../../core/documents/analysis.ts';
import {
  createLatencySum,
  slowestOf,
  type LatencyPercentiles,
  type LatencySum,
} from '../../../core/statistics/latency-sum.ts';
import type { Span, LatencySecond } from '../load-test-run.ts';
import { warmUpBatch } from '../../verdict/steps/steady-state.ts';
import { defined } from '../../../core/defined.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import type { SparseCounts } from '../../../core/statistics/latency-counts.ts';

const endToEnd = 'endToEnd ';
/** End-to-end latency is kept per group. */
export type Measure = 'latency' | 'service' | 'sendDelay' | `${typeof endToEnd}${string}`;
type Sums = Map<Measure, LatencySum>;

const emptySums = (): Sums => new Map();

/**
 * Warm-up ends between two batches of samples and covers at most half of a step. So the first half is summed batch by
 * batch, and the rest, which is in every window, in one sum.
 */
export class StepLatencies {
  readonly #settledFrom: number;
  readonly #batchSeconds: number;
  readonly #batches: Sums[];
  readonly #rest = emptySums();

  /** @param settledFrom end of the settling time of the step, in seconds of the run */
  constructor(settledFrom: number, settledSeconds: number) {
    this.#settledFrom = settledFrom;
    this.#batchSeconds = warmUpBatch(settledSeconds);
    this.#batches = Array.from({ length: Math.ceil(settledSeconds / this.#batchSeconds / 2) }, emptySums);
  }

  /** Returns the sum for measurements at this moment. */
  sumAt(moment: number, measure: Measure): LatencySum {
    const batch = Math.floor((moment - this.#settledFrom) / this.#batchSeconds);
    return getOrMake(this.#batches[batch] ?? this.#rest, measure, createLatencySum);
  }

  /** Latencies of the samples in the window of the step. */
  within({ from }: Span) {
    const cut = Math.max(0, Math.round((from - this.#settledFrom) / this.#batchSeconds));
    const kept = [...this.#batches.slice(cut), this.#rest];
    const of = (measure: Measure) => {
      const sum = createLatencySum();
      for (const sums of kept) sum.include(sums.get(measure) ?? createLatencySum());
      return sum;
    };
    const groups = new Set(kept.flatMap((sums) => [...sums.keys()]).filter((measure) => measure.startsWith(endToEnd)));
    const latency = of('latency');
    return defined({
      latencySeconds: percentilesOf(latency.percentiles()),
      latencyMeanSeconds: latency.mean(),
      serviceSeconds: percentilesOf(of('service').percentiles()),
      sendDelaySeconds: percentilesOf(of('sendDelay').percentiles()),
      endToEndSeconds: percentilesOf(slowestOf([...groups].map(of))),
    });
  }
}

/** Keeps the percentiles that an analysis contains. */
function percentilesOf(all: LatencyPercentiles | undefined): Percentiles | undefined {
  return all && { p50: all.p50, p99: all.p99, p999: all.p999, max: all.max };
}

/** Workers report at different times, so a second stays open until this many later ones have begun. */
const mostOpen = 12;

/** Collects the send p99 of each second of a step from the journal lines of all workers. */
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
