// Judges whether a test kept the strictest publish latency that a domain on the cluster requires, up to the peak.

import type { ClusterPlans } from '../../../../core/documents/cluster-plan.ts';
import { durationText } from '../../../../core/text/duration-text.ts';
import { keptUpTo, latenciesOf } from '../../../planning/sizing/latency-objective.ts';
import { isWhole, judged, stepToRun, type GoCase, type Judged, type MeasuredCase } from '../go-case.ts';
import { newestFirst } from './evidence.ts';

/** @returns no condition if no domain on the cluster states a latency; the newest test that kept or missed it counts */
export function judgeLatency(case_: MeasuredCase): Judged[] {
  const { latency, measured, neededTps, achievedShare, isProven } = case_;
  if (latency === undefined) return [];
  const { domain, seconds } = latency;
  const { targetTps = neededTps } = stepToRun(case_);
  for (const { analysis, source } of measured.filter(isWhole).toSorted((a, b) => newestFirst(a.analysis, b.analysis))) {
    const { kept, missed: first } = keptUpTo(latenciesOf(analysis), seconds);
    const tps = kept?.tps ?? 0;
    const figures = { neededTps, tps, basis: 'measured' as const, subject: source };
    if (tps >= neededTps) return [judged('latency', 'holds', [], figures)];
    // A miss far above the peak is no limit of it.
    if (first === undefined || first.tps > targetTps / achievedShare) continue;
    const missedLatency = { domain, source, seconds, ...first };
    return [judged('latency', 'fails', [{ code: 'latency-missed', tps, neededTps, missedLatency }], figures)];
  }
  // The step that would prove the rate also measures its latency.
  const missing = [{ what: 'publish-latency' as const, of: domain, in: durationText(seconds) }];
  return [judged('latency', 'unknown', isProven ? [{ code: 'not-monitored', missing }] : [], { neededTps })];
}

/** @returns the strictest of the named domains; one that the plan refused also requires its latency */
export function strictestLatency(names: readonly string[], plans: ClusterPlans | undefined): GoCase['latency'] {
  const planned = plans?.clusters.flatMap(({ domains }) => domains) ?? [];
  const refused = plans?.refused.map((each) => ({ ...each, name: each.domain })) ?? [];
  return [...planned, ...refused]
    .flatMap(({ name: domain, latencyP99Seconds: seconds }) =>
      seconds !== undefined && names.includes(domain) ? [{ domain, seconds }] : [],
    )
    .toSorted((a, b) => a.seconds - b.seconds)[0];
}
