// Computes heap occupancy, allocation rate and live set from heap sizes before and after each collection.

import type { Concurrent, Moment, Pause } from '../log/gc-event.ts';
import { collectsOld, endsOldCycle } from '../log/collects-old.ts';
import { ThinnedSeries } from './thinned-series.ts';

/** Enough for a trend; neighbours of a longer series are merged. */
const mostLiveSets = 512;

export class HeapUse {
  readonly liveSets = new ThinnedSeries(mostLiveSets, 'smaller');
  /** -Xmx; of several JVMs the largest. */
  maxBytes: number | undefined;
  peakUsedBytes: number | undefined;
  afterLastGcBytes: number | undefined;
  liveSetBytes: number | undefined;
  #allocated: { bytes: number; seconds: number } | undefined;
  #last: { after: number; at: number | undefined } | undefined;
  #oldCycleEnded = false;

  see(event: Pause | Concurrent): void {
    const { heap, start } = event;
    if (heap === undefined) {
      if (endsOldCycle(event)) this.#oldCycleEnded = true;
      return;
    }
    this.#allocate(heap.beforeBytes, heap.afterBytes, secondsOf(start), event.durationSeconds ?? 0);
    this.peakUsedBytes = Math.max(this.peakUsedBytes ?? 0, heap.beforeBytes, heap.afterBytes);
    this.afterLastGcBytes = heap.afterBytes;
    if (!collectsOld(event, this.#oldCycleEnded)) return;
    this.#oldCycleEnded = false;
    this.liveSetBytes = heap.afterBytes;
    const at = secondsOf(start);
    if (at !== undefined) this.liveSets.add(at, heap.afterBytes);
  }

  restart(): void {
    this.#last = undefined;
    this.#oldCycleEnded = false;
  }

  /** Of the time between the first and the last collection of each run. */
  get allocationBytesPerSecond(): number | undefined {
    return this.#allocated && this.#allocated.seconds > 0 ? this.#allocated.bytes / this.#allocated.seconds : undefined;
  }

  /** Time between collections whose heap is known: what allocation and promotion are a rate of. */
  get observedSeconds(): number {
    return this.#allocated?.seconds ?? 0;
  }

  #allocate(before: number, after: number, at: number | undefined, duration: number): void {
    const last = this.#last;
    const isOverlapping = last?.at !== undefined && at !== undefined && at < last.at;
    const end = at === undefined ? undefined : Math.max(at + duration, last?.at ?? 0);
    if (last?.at !== undefined && end !== undefined) {
      this.#allocated ??= { bytes: 0, seconds: 0 };
      this.#allocated.seconds += end - last.at;
      // A collection within another one has seen the same allocation.
      if (!isOverlapping) this.#allocated.bytes += Math.max(0, before - last.after);
    }
    if (last === undefined) {
      this.#last = { after, at: end };
    } else {
      last.after = after;
      last.at = end;
    }
  }
}

const secondsOf = ({ uptimeSeconds, epochMs }: Moment): number | undefined =>
  uptimeSeconds ?? (epochMs === undefined ? undefined : epochMs / 1000);
