// Judges whether a test kept the strictest publish latency that a domain on the cluster requires, up to the peak.

import type { ClusterPlans } from '../../../../core/documents/cluster-plan.ts';
import { durationText } from '../../../../core/text/duration-text.ts';
import { latenciesOf } from '../../../planning/sizing/latency-objective.ts';
import { isWhole, judged, type GoCase, type Judged, type MeasuredCase } from '../go-case.ts';
import { newestFirst } from './evidence.ts';

/** @returns no condition if no domain on the cluster states a latency; the newest test that kept or missed it counts */
export function judgeLatency({ latency, measured, neededTps, isProven }: MeasuredCase): Judged[] {
  if (latency === undefined) return [];
  const { domain, seconds } = latency;
  const tests = measured
    .filter(isWhole)
    .toSorted((a, b) => newestFirst(a.analysis, b.analysis))
    .flatMap(({ analysis, source }) => {
      const steps = latenciesOf(analysis);
      return steps.length === 0 ? [] : [{ source, steps }];
    });
  for (const { source, steps } of tests) {
    const missed = steps.findIndex(({ p99Seconds }) => p99Seconds > seconds);
    const kept = steps.at(missed < 0 ? -1 : missed - 1);
    const figures = { neededTps, basis: 'measured' as const, subject: source };
    if (missed !== 0 && kept !== undefined && kept.tps >= neededTps)
      return [judged('latency', 'holds', [], { ...figures, tps: kept.tps })];
    const first = steps[missed];
    if (first === undefined) continue;
    const tps = missed === 0 ? 0 : (kept?.tps ?? 0);
    const reason = {
      code: 'latency-missed' as const,
      tps,
      neededTps,
      missedLatency: { domain, source, seconds, ...first },
    };
    return [judged('latency', 'fails', [reason], { ...figures, tps })];
  }
  // The step that would prove the rate also measures its latency.
  const isOpen = isProven || tests.length === 0;
  const missing = [{ what: 'publish-latency' as const, of: domain, in: durationText(seconds) }];
  return [judged('latency', 'unknown', isOpen ? [{ code: 'not-monitored', missing }] : [], { neededTps })];
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
