// Delays pauses of JDK 8 text until their sizes and CPU times have been read; stops are logged after them.

import type { GcCollector, GcEvent, Pause } from '../gc-event.ts';
import { followPause } from './concurrent-line.ts';
import type { LegacyState } from './legacy-state.ts';
import { readPauseRecord } from './pause-record.ts';
import type { OpenRecord } from './record-assembler.ts';
import { shifted, type Stamp } from './stamp.ts';
import { isGcStop, type StoppedLine } from './stopped-line.ts';

/** A safepoint contains a collection and at most one scavenge before it; more pauses mean that stops are not logged. */
const maxPauseStarts = 4;

export class Pauses {
  readonly #emit: (event: GcEvent) => void;
  readonly #state: LegacyState;

  constructor(emit: (event: GcEvent) => void, state: LegacyState) {
    this.#emit = emit;
    this.#state = state;
  }

  /** @returns false if the record has no duration, and so is not a pause */
  close(record: OpenRecord): boolean {
    const found = readPauseRecord(record.text, record.stamp);
    if (found === undefined) return false;
    const { pause, nested, collector } = found;
    if (collector !== undefined) this.learnCollector(collector);
    for (const inner of nested) this.tell(inner);
    followPause(this.#state.cycle, pause, record.text, this.#emit);
    this.#state.waiting = pause;
    return true;
  }

  /** Called after each line: without details the record is already complete. */
  tellComplete(): void {
    const { waiting, printsDetails } = this.#state;
    if (!printsDetails && waiting?.heap !== undefined) this.tellWaiting();
  }

  tellWaiting(): void {
    const { waiting } = this.#state;
    if (waiting === undefined) return;
    this.#state.waiting = undefined;
    this.tell(waiting);
  }

  tell(pause: Pause): void {
    const { pauseStarts } = this.#state;
    pauseStarts.push(pause.start);
    if (pauseStarts.length > maxPauseStarts) pauseStarts.shift();
    this.#emit(pause);
  }

  tellStop({ moment }: Stamp, { totalSeconds, timeToSafepointSeconds }: StoppedLine): void {
    const start = shifted(moment, -totalSeconds);
    const isForGc = isGcStop(start, this.#state.pauseStarts);
    this.#state.pauseStarts = [];
    this.#emit({
      kind: 'stop',
      start,
      totalSeconds,
      ...(timeToSafepointSeconds !== undefined && { timeToSafepointSeconds }),
      isForGc,
    });
  }

  /** Flags have precedence; without them, DefNew may be the young generation of CMS. */
  learnCollector(collector: GcCollector): void {
    const { collector: known, isCollectorGuessed } = this.#state;
    const isBetter = known === undefined || (isCollectorGuessed && known === 'Serial' && collector === 'CMS');
    if (!isBetter) return;
    this.#state.collector = collector;
    this.#state.isCollectorGuessed = true;
    this.#emit({ kind: 'jvm', collector });
  }
}
