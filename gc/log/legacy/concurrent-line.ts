// Parses concurrent work of JDK 8 text (`[GC concurrent-…]`, `[CMS-concurrent-…]`) and joins it to cycles.

import type { Concurrent, Moment, Pause } from '../gc-event.ts';
import { decimal } from '../quantity.ts';
import { number } from './quantity.ts';
import { secondsBetween, shifted, type Stamp } from './stamp.ts';

/*
 * G1   [GC concurrent-mark-start]  [GC concurrent-mark-end, 0.0123 secs]  [GC concurrent-mark-abort]
 *      [GC concurrent-mark-reset-for-overflow]  [GC concurrent-string-deduplication, 2.3M->1.0B(2.3M), avg 50.0%, 0.01 secs]
 * CMS  [CMS-concurrent-mark-start]  [CMS-concurrent-mark: 0.029/0.031 secs] [Times: …]
 *      └ CPU and wall-clock seconds; both kinds are stamped when the line is written
 */
const line = new RegExp(
  String.raw`\[(GC |CMS-)concurrent-([a-z-]+?)(?:-(start|end|abort|reset-for-overflow))?` +
    String.raw`(?:, [^\[\]]*?(${number}) secs|: ${number}/(${number}) secs)?\]`,
  'y',
);

const phaseNames: Record<string, string> = {
  'root-region-scan': 'Concurrent Scan Root Regions',
  mark: 'Concurrent Mark',
  cleanup: 'Concurrent Cleanup',
  'string-deduplication': 'Concurrent String Deduplication',
  preclean: 'Concurrent Preclean',
  'abortable-preclean': 'Concurrent Abortable Preclean',
  sweep: 'Concurrent Sweep',
  reset: 'Concurrent Reset',
};

interface ConcurrentLine {
  /** Index after the line's part of the text. */
  end: number;
  family: 'G1' | 'CMS';
  phase: string;
  step: 'start' | 'end' | 'abort' | 'note';
  durationSeconds?: number;
}

/** @returns undefined if the line is incomplete */
export function readConcurrent(text: string, at: number): ConcurrentLine | undefined {
  line.lastIndex = at;
  const match = line.exec(text);
  if (match === null) return undefined;
  const [, family, phase, step, g1Seconds, cmsSeconds] = match;
  const seconds = g1Seconds ?? cmsSeconds;
  const isOver = seconds !== undefined;
  return {
    end: line.lastIndex,
    family: family === 'GC ' ? 'G1' : 'CMS',
    phase: phase!,
    step: step === 'start' || step === 'abort' ? step : isOver ? 'end' : 'note',
    ...(isOver && { durationSeconds: decimal(seconds) }),
  };
}

/** Start of the current marking cycle. */
export interface CycleState {
  since?: Stamp;
}

/** Emits the phase that a line ends, and with the last phase of CMS or an abort, the cycle. */
export function followConcurrent(
  state: CycleState,
  { phase, step, durationSeconds }: ConcurrentLine,
  stamp: Stamp,
  emit: (event: Concurrent) => void,
): void {
  const begins = phase === 'mark' || phase === 'root-region-scan';
  if (step === 'start' && begins) state.since ??= stamp;
  if (step === 'end' && durationSeconds !== undefined) {
    emit({
      kind: 'concurrent',
      ...(stamp.gcId !== undefined && { gcId: stamp.gcId }),
      start: shifted(stamp.moment, -durationSeconds),
      durationSeconds,
      type: phaseNames[phase] ?? `Concurrent ${phase}`,
      isCycle: false,
      aborted: false,
    });
  }
  if (step === 'abort') endCycle(state, stamp.moment, true, emit);
  if (step === 'end' && phase === 'reset') endCycle(state, stamp.moment, false, emit);
}

/** A G1 cycle ends with its cleanup pause; a CMS cycle fails with a full collection during it. */
export function followPause(state: CycleState, pause: Pause, record: string, emit: (event: Concurrent) => void): void {
  if (pause.type === 'Pause Cleanup') {
    endCycle(state, shifted(pause.start, pause.durationSeconds), false, emit);
  } else if (/\(concurrent mode (?:failure|interrupted)\)/.test(record)) {
    endCycle(state, pause.start, true, emit);
  }
}

function endCycle(state: CycleState, at: Moment, aborted: boolean, emit: (event: Concurrent) => void): void {
  const { since } = state;
  if (since === undefined) return;
  delete state.since;
  const durationSeconds = secondsBetween(since.moment, at);
  emit({
    kind: 'concurrent',
    ...(since.gcId !== undefined && { gcId: since.gcId }),
    start: since.moment,
    ...(durationSeconds !== undefined && durationSeconds >= 0 && { durationSeconds }),
    type: 'Concurrent Mark Cycle',
    isCycle: true,
    aborted,
  });
}
