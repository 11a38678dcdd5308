// Limits measurements to the rates within the publish latency that a domain requires.

import { defined } from '../../../core/defined.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import { coldStepsOf } from '../../verdict/steps/cold-start.ts';
import type { Measured } from './measured.ts';
import type { ClusterRequest } from './request.ts';

/** A step of a verdict that is compared with a latency objective. */
export interface MeasuredStep {
  targetTps?: number | undefined;
  backgroundTps?: number | undefined;
  achievedTps: number;
  verdict: { kind: string };
  endedSeconds?: number | undefined;
  /** From intended to acknowledged. */
  latencySeconds?: { p99: number } | undefined;
}

export interface StepLatency {
  tps: number;
  p99Seconds: number;
}

/** Latencies of the sustained steps of a load test, in order of time. */
export type Latencies = readonly (StepLatency &
  Pick<MeasuredStep, 'backgroundTps' | 'endedSeconds'> & { targetTps: number })[];

/** @returns no steps of a redline, since they concern one broker, not its cluster */
export function latenciesOf({
  run,
  steps = [],
  certificate,
}: {
  run: Pick<Analysis['run'], 'origin'>;
  steps?: readonly MeasuredStep[] | undefined;
  certificate?: object | undefined;
}): Latencies {
  const sustained = steps.flatMap(
    ({ achievedTps: tps, targetTps = tps, verdict, latencySeconds, backgroundTps, endedSeconds }) =>
      verdict.kind === 'sustained' && latencySeconds !== undefined && run.origin !== 'redline'
        ? [{ tps, targetTps, p99Seconds: latencySeconds.p99, ...defined({ backgroundTps, endedSeconds }) }]
        : [],
  );
  // A search repeats a rate to decide it.
  return certificate === undefined ? sustained : [...new Map(sustained.map((step) => [step.targetTps, step])).values()];
}

/** @returns the highest step that kept the latency below the lowest one that missed it; a cold start is no miss, as for an SLO */
export function keptUpTo(steps: Latencies, seconds: number): Record<'kept' | 'missed', StepLatency | undefined> {
  const isKept = ({ p99Seconds }: StepLatency) => p99Seconds <= seconds;
  const cold = coldStepsOf(steps.map((step) => ({ ...step, isKept: isKept(step) })));
  const rising = steps.slice(cold).toSorted((a, b) => a.targetTps - b.targetTps);
  const missed = rising.find((step) => !isKept(step));
  const kept = rising.findLast(({ targetTps }) => missed === undefined || targetTps < missed.targetTps);
  return { kept: kept && figuresOf(kept), missed: missed && figuresOf(missed) };
}

const figuresOf = ({ tps, p99Seconds }: StepLatency): StepLatency => ({ tps, p99Seconds });

/**
 * Nothing is extrapolated: latency grows faster than load. The rate up to which the objective was kept is the safe maximum, as that of a
 * verdict with an SLO. It is scaled to another shape or message size as any measured rate. A measurement whose lowest step missed the
 * objective has no such rate, and `measurementFor` plans nothing on it.
 */
export function underObjective(measurements: readonly Measured[], { domains }: ClusterRequest): readonly Measured[] {
  const objectives = domains.flatMap(({ demand }) => demand.latencyP99Seconds ?? []);
  if (objectives.length === 0) return measurements;
  const seconds = Math.min(...objectives);
  return measurements.map((measured) => limited(measured, seconds));
}

function limited(measured: Measured, seconds: number): Measured {
  const { source, latencies, safeTps } = measured;
  const { kept, missed } = latencies === undefined ? {} : keptUpTo(latencies, seconds);
  if (kept === undefined)
    return {
      ...measured,
      objective: missed ? { kind: 'missed', source, seconds, ...missed } : { kind: 'unmeasured', source, seconds },
    };
  const { tps } = kept;
  const objective = { kind: 'kept', source, seconds, ...kept } as const;
  if (tps >= safeTps.high) return { ...measured, objective };
  // The objective was the limit, whatever CPU was left at that rate.
  const { resource: _resource, requestUse: _requestUse, ...rest } = measured;
  const { low, mid, high } = safeTps;
  return {
    ...rest,
    safeTps: { low: Math.min(low, tps), mid: Math.min(mid, tps), high: Math.min(high, tps) },
    objective,
  };
}
