// Limits measurements to the rates within the publish latency that a domain requires.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { Measured } from './measured.ts';
import type { ClusterRequest } from './request.ts';

/** A step of a verdict that is compared with a latency objective. */
export interface MeasuredStep {
  achievedTps: number;
  verdict: { kind: string };
  /** From intended to acknowledged. */
  latencySeconds?: { p99: number } | undefined;
}

export interface StepLatency {
  tps: number;
  p99Seconds: number;
}

/** @returns latencies of the sustained steps, lowest rate first; steps of a redline concern one broker, not its cluster */
export function latenciesOf({
  run,
  steps = [],
}: {
  run: Pick<Analysis['run'], 'origin'>;
  steps?: readonly MeasuredStep[] | undefined;
}): StepLatency[] {
  if (run.origin === 'redline') return [];
  return steps
    .flatMap(({ achievedTps: tps, verdict, latencySeconds }) =>
      verdict.kind === 'sustained' && latencySeconds !== undefined ? [{ tps, p99Seconds: latencySeconds.p99 }] : [],
    )
    .toSorted((a, b) => a.tps - b.tps);
}

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
  const { source, latencies = [], safeTps } = measured;
  const [first] = latencies;
  if (first === undefined) return { ...measured, objective: { kind: 'unmeasured', source, seconds } };
  const missed = latencies.findIndex(({ p99Seconds }) => p99Seconds > seconds);
  const kept = latencies.at(missed < 0 ? -1 : missed - 1);
  if (missed === 0 || kept === undefined)
    return { ...measured, objective: { kind: 'missed', source, seconds, ...first } };
  const { tps } = kept;
  const objective = { kind: 'kept', source, seconds, ...kept } as const;
  if (tps >= safeTps.high) return { ...measured, objective };
  const { resource: _, ...rest } = measured;
  const { low, mid, high } = safeTps;
  return {
    ...rest,
    safeTps: { low: Math.min(low, tps), mid: Math.min(mid, tps), high: Math.min(high, tps) },
    objective,
  };
}
