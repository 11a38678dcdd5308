// Computes heap occupancy, allocation rate and live set from heap sizes before and after each collection.

import { allocationSince, heapAfter, secondsOf, type HeapAfter } from '../log/allocation.ts';
import type { Concurrent, HeapChange, Pause } from '../log/gc-event.ts';
import { collectsOld, endsOldCycle, endsYoungCycle } from '../log/collects-old.ts';
import { ThinnedSeries } from './thinned-series.ts';

/** Enough for a trend; in a longer series neighbours are merged. */
const mostLiveSets = 512;

export class HeapUse {
  readonly liveSets = new ThinnedSeries(mostLiveSets, 'smaller');
  /** -Xmx; for several JVMs the largest. */
  maxBytes: number | undefined;
  peakUsedBytes: number | undefined;
  afterLastGcBytes: number | undefined;
  liveSetBytes: number | undefined;
  /** Time between collections with a known heap: the base of the promotion rate. */
  observedSeconds = 0;
  readonly #allocated = { bytes: 0, seconds: 0 };
  #last: HeapAfter | undefined;
  #oldCycleEnded = false;

  see(event: Pause | Concurrent): void {
    const { heap, start } = event;
    if (endsOldCycle(event)) this.#oldCycleEnded = true;
    if (endsYoungCycle(event)) this.#oldCycleEnded = false;
    if (heap === undefined) return;
    this.#allocate(event, heap);
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

  /** Allocation rate over the time for which the log shows allocation. */
  get allocationBytesPerSecond(): number | undefined {
    const { bytes, seconds } = this.#allocated;
    return seconds > 0 ? bytes / seconds : undefined;
  }

  #allocate(event: Pause | Concurrent, heap: HeapChange): void {
    const last = this.#last;
    const allocated = allocationSince(last, event, heap);
    if (allocated?.seconds !== undefined) {
      this.#allocated.bytes += allocated.bytes;
      this.#allocated.seconds += allocated.seconds;
    }
    const after = heapAfter(event, heap, last);
    if (last?.atSeconds !== undefined && after.atSeconds !== undefined) {
      this.observedSeconds += after.atSeconds - last.atSeconds;
    }
    this.#last = after;
  }
}
