// Computes the figures of each window of each step from a streamed journal.

import { defined } from '../../../core/defined.ts';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { getOrMake } from '../../../core/get-or-make.ts';
import { createStepLocator, type StepOfRun } from '../step-locator.ts';
import { createMergedHistogram } from '../merged-histogram.ts';

/** Figures that two runs are compared by; each is absent in a window without acknowledged messages. */
export const comparedFigures = ['p50', 'p99', 'achievedTps', 'cpuSecondsPerMessage'] as const;
export type ComparedFigure = (typeof comparedFigures)[number];

export interface StepWindows {
  /** Counted from 1. */
  step: number;
  targetTps?: number;
  lanes?: number;
  /** One value per window; times in seconds. */
  figures: Record<ComparedFigure, number[]>;
}

/** Reports of the last second of a step arrive after its end was written. */
const lateSeconds = 2;

/** @returns completed steps without pauses; incomplete windows are dropped */
export async function readStepWindows(
  lines: AsyncIterable<JournalLine> | Iterable<JournalLine>,
  windowSeconds: number,
): Promise<StepWindows[]> {
  const places = createStepLocator();
  const open = new Map<StepOfRun, ReturnType<typeof createWindowed>>();
  const done: StepWindows[] = [];
  const finish = (step: StepOfRun, windowed: ReturnType<typeof createWindowed>) => {
    open.delete(step);
    if (step.endSeconds < Infinity) done.push(windowed.finish());
  };
  for await (const line of lines) {
    places.add(line);
    if (line.kind === 'resumed') for (const [step, windowed] of open) finish(step, windowed);
    if (line.kind === 'produced') {
      const step = places.stepOf(line);
      if (step !== undefined && step.targetTps !== 0) {
        getOrMake(open, step, () => createWindowed(step, windowSeconds)).add(line);
      }
    }
    for (const [step, windowed] of open) {
      if (line.elapsedSeconds > step.endSeconds + lateSeconds) finish(step, windowed);
    }
  }
  for (const [step, windowed] of open) finish(step, windowed);
  return done.toSorted((a, b) => a.step - b.step);
}

function createWindowed(step: StepOfRun, windowSeconds: number) {
  const latency = createMergedHistogram();
  const figures: StepWindows['figures'] = { p50: [], p99: [], achievedTps: [], cpuSecondsPerMessage: [] };
  let acknowledged = 0;
  let cpuSeconds = 0;
  let open = 0;

  function close(): void {
    const [p50, p99] = [latency.at(50), latency.at(99)];
    if (p50 !== undefined) figures.p50.push(p50 / 1e6);
    if (p99 !== undefined) figures.p99.push(p99 / 1e6);
    figures.achievedTps.push(acknowledged / windowSeconds);
    if (acknowledged > 0) figures.cpuSecondsPerMessage.push(cpuSeconds / acknowledged);
    latency.clear();
    acknowledged = 0;
    cpuSeconds = 0;
    open += 1;
  }
  const endOfOpen = () => step.startSeconds + (open + 1) * windowSeconds;

  return {
    add(line: Extract<JournalLine, { kind: 'produced' }>) {
      while (line.elapsedSeconds - line.intervalSeconds / 2 >= endOfOpen()) close();
      latency.add(line.latency);
      ({ acknowledged, cpuSeconds } = {
        acknowledged: acknowledged + line.acknowledged,
        cpuSeconds: cpuSeconds + line.cpuSeconds,
      });
    },
    finish(): StepWindows {
      // A planned end is a round number, but floating-point sums may not be.
      while (endOfOpen() <= step.endSeconds + 1e-6) close();
      const { index, targetTps, lanes } = step;
      return defined({ step: index + 1, targetTps, lanes, figures });
    },
  };
}
