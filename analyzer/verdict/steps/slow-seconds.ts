// Joins GC pauses with the send latency of each second, to find whether pauses explain the slow seconds.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { SlowSeconds } from '../../../core/documents/evidence/slow-seconds.ts';
import { findingOf, type FindingFacts } from '../../../core/documents/findings/findings.ts';
import { overlap } from '../../evidence/holes.ts';
import type { LatencySecond, RecordedStep, Span } from '../../evidence/load-test-run.ts';
import { binomialTail, quantile } from '../../../core/statistics/statistics.ts';

/** A time in which a collection stopped all threads, or an interval that contains such a time. */
export interface PauseSpan extends Span {
  /** All threads were stopped for so long within it. */
  pausedSeconds: number;
}

/** A second with the p99 of the step it belongs to. */
export type JudgedSecond = LatencySecond & { stepP99Seconds: number };

/** Answers that waited for a pause arrive after it: a pause at the very end of a second shows in the next one. */
const answersWithinSeconds = 0.1;

/**
 * @param seconds of one or more steps, by the clock of the run
 * @param pauses by the same clock
 */
export function joinPauses(seconds: readonly JudgedSecond[], pauses: readonly PauseSpan[]): SlowSeconds {
  const rows = seconds.map((second) => {
    const own = pauses.filter(({ from, to }) => from < second.to && to + answersWithinSeconds > second.from);
    const pausedSeconds = own.reduce((sum, pause) => sum + pausedWithin(pause, second), 0);
    return { ...second, hasPause: own.length > 0, isSlow: second.p99Seconds > second.stepP99Seconds, pausedSeconds };
  });
  const slow = rows.filter(({ isSlow }) => isSlow);
  const [paused, unpaused] = [rows.filter(({ hasPause }) => hasPause), rows.filter(({ hasPause }) => !hasPause)];
  const length = slow.reduce((sum, { from, to }) => sum + (to - from), 0);
  const share = slow.reduce((sum, { pausedSeconds }) => sum + pausedSeconds, 0) / length;
  return defined({
    seconds: rows.length,
    secondsWithPause: paused.length,
    slowSeconds: slow.length,
    slowSecondsWithPause: slow.filter(({ hasPause }) => hasPause).length,
    pauseShareOfSlowSeconds: length > 0 ? Math.min(1, share) : undefined,
    p99WithPauseSeconds: medianP99(paused),
    p99WithoutPauseSeconds: medianP99(unpaused),
  });
}

/** @returns nothing for a step of which only sums are known */
export function judgedSeconds({ latencySeconds, latencyCourse }: RecordedStep): JudgedSecond[] {
  if (latencySeconds === undefined || latencyCourse === undefined) return [];
  return latencyCourse.map((second) => ({ ...second, stepP99Seconds: latencySeconds.p99 }));
}

/** A pause spreads evenly over its span, which is all of it where the span is the pause itself. */
function pausedWithin({ from, to, pausedSeconds }: PauseSpan, second: Span): number {
  return to > from ? (pausedSeconds * overlap({ from, to }, second)) / (to - from) : 0;
}

const medianP99 = (seconds: readonly LatencySecond[]) =>
  seconds.length === 0
    ? undefined
    : quantile(
        seconds.map(({ p99Seconds }) => p99Seconds),
        0.5,
      );

/** Fewer slow seconds may contain a pause by chance, or none. */
const leastSlowSeconds = 3;
/** More slow seconds with a pause than this would not be so by chance: one in a hundred. */
const chance = 0.01;

/**
 * `gc`: most slow seconds contain a pause, and more of them than pauses at random would hit. `other`: few of them do.
 *
 * @returns undefined where it is unclear
 */
export function causeOfSlowSeconds(joined: SlowSeconds): 'gc' | 'other' | undefined {
  const { seconds, secondsWithPause, slowSeconds, slowSecondsWithPause } = joined;
  if (slowSeconds < leastSlowSeconds || secondsWithPause === 0) return undefined;
  const share = slowSecondsWithPause / slowSeconds;
  if (share <= 0.25) return 'other';
  const isByChance = binomialTail(slowSecondsWithPause, slowSeconds, secondsWithPause / seconds) > chance;
  return share >= 0.5 && !isByChance ? 'gc' : undefined;
}

export function slowSecondsFindingOf(cause: 'gc' | 'other', facts: FindingFacts['gc-in-slow-seconds']): Finding {
  return findingOf(cause === 'gc' ? 'gc-in-slow-seconds' : 'slow-seconds-without-gc', facts);
}
