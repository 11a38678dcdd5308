// Reads the steps of a load test, and joins GC pauses with the send latency of each second by the wall clock.

import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import type { RecordedStep } from '../../analyzer/evidence/load-test-run.ts';
import { secondZeroOf } from '../../analyzer/evidence/wall-time.ts';
import {
  causeOfSlowSeconds,
  joinPauses,
  judgedSeconds,
  slowSecondsFindingOf,
  type PauseSpan,
} from '../../analyzer/verdict/steps/slow-seconds.ts';
import { AppError } from '../../core/errors.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import { createGcFigures, type GcFigures } from '../../gc/report/gc-figures.ts';
import type { Step } from '../../gc/report/gc-report.ts';
import type { StepReport } from '../../gc/report/make-report.ts';

/** @throws AppError usage for a bundle of written figures, and errors of reading a bundle */
export async function readSteps(directory: string, signal: AbortSignal) {
  const imported = await importRun(directory, { settleSeconds: 0, signal });
  if (imported.origin === 'readings') {
    throw new AppError('usage', `${directory} has figures entered by hand: its steps have no timestamps`, {
      hint: 'give --run the bundle of a load test',
    });
  }
  const { run } = imported;
  const followed = run.steps.map((recorded) => {
    const startedAtMs = secondZeroOf(run, recorded.from);
    if (startedAtMs === undefined) throw new AppError('usage', `${directory} has no start time`);
    return followStep(recorded, startedAtMs);
  });
  return {
    /** Figures of each step; each receives every event. */
    figures: followed.map(({ figures }) => figures),
    report(): StepReport {
      const joined = joinPauses(
        followed.flatMap(({ seconds }) => seconds),
        followed.flatMap(({ pauses }) => pauses),
      );
      const cause = causeOfSlowSeconds(joined);
      return {
        steps: followed.map((step) => step.report()),
        findings: cause === undefined ? [] : [slowSecondsFindingOf(cause, joined)],
      };
    },
  };
}

/** @param startedAtMs start of the attempt that contains the step, second 0 of its clock */
function followStep(recorded: RecordedStep, startedAtMs: number) {
  const { index, targetTps, from, to, latencySeconds } = recorded;
  const [start, end] = [from, to].map((seconds) => startedAtMs + seconds * 1000) as [number, number];
  const folded = createGcFigures({ from: { kind: 'clock', epochMs: start }, to: { kind: 'clock', epochMs: end } });
  const pauses: PauseSpan[] = [];
  const seconds = judgedSeconds(recorded);
  const figures: GcFigures = {
    ...folded,
    event(event) {
      folded.event(event);
      const pause = pauseOf(event, startedAtMs);
      if (pause !== undefined && pause.from < to && pause.to > from) pauses.push(pause);
    },
  };
  return {
    figures,
    pauses,
    seconds,
    report: (): Step => ({
      step: index,
      ...(targetTps !== undefined && { targetTps }),
      from: new Date(start).toISOString(),
      to: new Date(end).toISOString(),
      ...folded.total.figures,
      ...(latencySeconds !== undefined &&
        seconds.length > 0 &&
        !folded.total.isEmpty && { slowSeconds: { p99Seconds: latencySeconds.p99, ...joinPauses(seconds, pauses) } }),
    }),
  };
}

/** On the clock of the attempt, which requires a date. A pause inside another stops nothing twice. */
function pauseOf(event: GcEvent, startedAtMs: number): PauseSpan | undefined {
  if (event.kind !== 'pause' || event.start.epochMs === undefined) return undefined;
  const from = (event.start.epochMs - startedAtMs) / 1000;
  return { from, to: from + event.durationSeconds, pausedSeconds: event.ownSeconds };
}
