// Lists reasons to doubt a maximum from production; each reduces it to the observed throughput.

import type { Finding, SafeMaxTps } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Evidence } from '../verdict/evidence.ts';
import { unexplainedUse } from '../verdict/limits/unexplained-use.ts';
import { leastVariation, type Chosen } from './chosen-regime.ts';
import type { Confounded } from './other-load.ts';

interface Circumstances {
  unmapped: readonly string[];
  chosen: Chosen;
  confounded: readonly Confounded[];
}

/** @returns brokers whose host is unknown or not monitored; `cluster` if no broker is known */
export function unmappedBrokers({ document, hosts }: LoadTestRun): string[] {
  const { brokers } = document.environment;
  if (brokers.length === 0) return ['cluster'];
  return brokers.filter(({ host }) => host === undefined || !hosts.has(host)).map(({ id }) => id);
}

export function doubtsOf(
  evidence: Evidence,
  claimed: SafeMaxTps,
  { unmapped, chosen: { isEnough, variation }, confounded }: Circumstances,
): Finding[] {
  return [
    ...(unmapped.length > 0 ? [findingOf('host-unmapped', { brokers: unmapped })] : []),
    ...(isEnough ? [] : [findingOf('traffic-too-steady', { variation, leastVariation })]),
    ...confounded.map((each) => findingOf('other-load-with-traffic', each)),
    ...unexplainedUse(evidence, claimed),
  ];
}
