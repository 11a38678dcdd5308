// Assesses the GC pauses that a broker reports: their share of a step, the longest, and the seconds with slow sends.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { muchCollecting } from '../../findings/gc-findings.ts';
import type { BrokerInterval, Span } from '../../../evidence/load-test-run.ts';
import {
  causeOfSlowSeconds,
  joinPauses,
  judgedSeconds,
  slowSecondsFindingOf,
  type PauseSpan,
} from '../../steps/slow-seconds.ts';
import type { Cited } from '../../../../core/policy/policy.ts';
import type { NodeSeries, ObservedStep, SymptomModel } from './model.ts';
import { mostOfBroker, useOfBroker } from './use.ts';

/** A pause of half the latency limit leaves only the other half for the queue that builds up during it. */
const largePart = 0.5;

export const gc: SymptomModel = (steps, series, { slo }) => [
  ...shareFinding(steps, series),
  ...longestFinding(steps, series, slo?.publishLatencyP99),
  ...slowSecondsFinding(steps, series),
];

/** Skips nodes with jstat counts, which are reported once for the whole run. */
function shareFinding(steps: readonly ObservedStep[], series: NodeSeries): Finding[] {
  if (series.jvm !== undefined) return [];
  const shares = steps.flatMap((observed) => {
    const use = useOfBroker(observed, series, 'gcPauseShare');
    return use === undefined ? [] : [{ tps: observed.step.tps, share: use.mean }];
  });
  const worst = shares.toSorted((a, b) => b.share - a.share)[0];
  if (worst === undefined || worst.share <= muchCollecting.value) return [];
  return [findingOf('gc-share', { node: series.node, ...worst, much: muchCollecting })];
}

/** Compared with the SLO, or without an SLO with the latency of the step. */
function longestFinding(steps: readonly ObservedStep[], series: NodeSeries, promised: Cited | undefined): Finding[] {
  const large = steps.flatMap((observed) => {
    const { tps, recorded } = observed.step;
    const pauseSeconds = mostOfBroker(observed, series, 'longestPauseSeconds');
    const p99Seconds = promised?.value ?? recorded.latencySeconds?.p99;
    if (pauseSeconds === undefined || p99Seconds === undefined) return [];
    return pauseSeconds > largePart * p99Seconds ? [{ tps, pauseSeconds, p99Seconds }] : [];
  });
  const worst = large.toSorted((a, b) => b.pauseSeconds - a.pauseSeconds)[0];
  if (worst === undefined) return [];
  return [findingOf('gc-pause', { node: series.node, ...worst, ...(promised && { slo: promised }) })];
}

/** A longer interval contains unrelated slow seconds and pauses. */
const longestIntervalSeconds = 2;
/** Least share of the seconds of a step with readings. */
const leastCover = 0.5;

/** Over all steps, because one step has too few slow seconds to be significant. */
function slowSecondsFinding(steps: readonly ObservedStep[], { node, broker = [] }: NodeSeries): Finding[] {
  const read = broker.filter(
    (interval) => pausedSecondsOf(interval) !== undefined && interval.to - interval.from <= longestIntervalSeconds,
  );
  if (read.length === 0) return [];
  const known = steps.flatMap(({ step: { recorded, window } }) => {
    const seconds = within(judgedSeconds(recorded), window);
    const intervals = within(read, window);
    const covered = seconds.filter((second) => intervals.some(({ from, to }) => from < second.to && to > second.from));
    return covered.length < leastCover * seconds.length ? [] : [{ covered, intervals }];
  });
  const joined = joinPauses(
    known.flatMap(({ covered }) => covered),
    known.flatMap(({ intervals }) => intervals.flatMap(pausesIn)),
  );
  const cause = causeOfSlowSeconds(joined);
  return cause === undefined ? [] : [slowSecondsFindingOf(cause, { node, ...joined })];
}

function pausesIn(interval: BrokerInterval): PauseSpan[] {
  const pausedSeconds = pausedSecondsOf(interval) ?? 0;
  return pausedSeconds > 0 ? [{ from: interval.from, to: interval.to, pausedSeconds }] : [];
}

/** @returns undefined if the broker reports no pauses */
function pausedSecondsOf({ from, to, gcPauseShare, longestPauseSeconds }: BrokerInterval): number | undefined {
  return gcPauseShare === undefined ? longestPauseSeconds : gcPauseShare * (to - from);
}

const within = <T extends Span>(spans: readonly T[], window: Span): T[] =>
  spans.filter(({ from, to }) => to > window.from && from < window.to);
