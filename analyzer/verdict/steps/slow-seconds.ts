// Joins GC pauses with the send latency of each second, to find whether pauses explain the slow seconds.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { SlowSeconds } from '../../../core/documents/evidence/slow-seconds.ts';
import { findingOf, type FindingFacts } from '../../../core/documents/findings/findings.ts';
import { overlap } from '../../evidence/holes.ts';
import type { LatencySecond, RecordedStep, Span } from '../../evidence/load-test-run.ts';
import { binomialTail, quantile } from '../../../core/statistics/statistics.ts';

/** A time in which a collection stopped all threads, or an interval that contains one. */
export interface PauseSpan extends Span {
  /** Seconds within the span in which all threads were stopped. */
  pausedSeconds: number;
}

/** A second with the p99 of its step. */
export type JudgedSecond = LatencySecond & { stepP99Seconds: number };

/** Responses that waited for a pause arrive after it, so a pause at the very end of a second affects the next one. */
const answersWithinSeconds = 0.1;

/**
 * @param seconds of one or more steps, on the clock of the run
 * @param pauses on the same clock
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

/** @returns an empty list for a step without latencies per second */
export function judgedSeconds({ latencySeconds, latencyCourse }: RecordedStep): JudgedSecond[] {
  if (latencySeconds === undefined || latencyCourse === undefined) return [];
  return latencyCourse.map((second) => ({ ...second, stepP99Seconds: latencySeconds.p99 }));
}

/** Spreads the pause evenly over its span. */
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

/** With fewer slow seconds, pauses in them may be coincidence. */
const leastSlowSeconds = 3;
/** Significance level: probability that as many slow seconds contain a pause by chance. */
const chance = 0.01;

/**
 * `gc`: most slow seconds contain a pause, and more of them than random pauses would hit. `other`: few of them do.
 *
 * @returns undefined if it is unclear
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
