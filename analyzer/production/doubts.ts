// Lists reasons to doubt a production maximum; each reduces it to the observed throughput.

import type { Finding, SafeMaxTps } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { reachedTps } from '../verdict/limits/ceilings.ts';
import type { Evidence } from '../verdict/evidence.ts';
import type { Chosen } from './chosen-regime.ts';
import { followsLoad } from './regimes.ts';

export type Doubt =
  | { kind: 'host-unmapped'; brokers: readonly string[] }
  | { kind: 'traffic-too-steady' }
  | { kind: 'other-load-with-traffic'; resource: string; node: string; level: number; difference: number }
  /** It is used for an unknown purpose, and would exceed its limit if it grew with the traffic. */
  | { kind: 'use-unexplained'; resource: string; node: string; share: number };

interface Circumstances {
  run: LoadTestRun;
  isVaried: boolean;
  confounded: readonly { resource: string; node: string; level: number; difference: number }[];
}

export function doubtsOf(
  evidence: Evidence,
  claimed: SafeMaxTps,
  { run, isVaried, confounded }: Circumstances,
): Doubt[] {
  const { brokers } = run.document.environment;
  const unmapped = brokers.filter(({ host }) => host === undefined || !run.hosts.has(host)).map(({ id }) => id);
  return [
    ...(unmapped.length > 0 || brokers.length === 0
      ? [{ kind: 'host-unmapped' as const, brokers: brokers.length === 0 ? ['cluster'] : unmapped }]
      : []),
    ...(isVaried ? [] : [{ kind: 'traffic-too-steady' as const }]),
    ...confounded.map((each) => ({ kind: 'other-load-with-traffic' as const, ...each })),
    ...unexplained(evidence, claimed),
  ];
}

function unexplained(evidence: Evidence, claimed: SafeMaxTps): Doubt[] {
  if (claimed.kind !== 'predicted' && claimed.kind !== 'confirmed') return [];
  const growth = claimed.tps / reachedTps(evidence);
  return evidence.resources
    .filter(({ safe, resource }) => safe === undefined && followsLoad({ resource }))
    .flatMap(({ uses, capacity, policyLimit, resource, node }): Doubt[] => {
      const highest = Math.max(0, ...uses.map((use) => use?.p99 ?? 0)) / capacity.value;
      return highest * growth > policyLimit ? [{ kind: 'use-unexplained', resource, node, share: highest }] : [];
    });
}

export function doubtFinding(doubt: Doubt, { variation }: Chosen, leastVariation: number): Finding {
  switch (doubt.kind) {
    case 'host-unmapped':
      return findingOf('host-unmapped', doubt);
    case 'traffic-too-steady':
      return findingOf('traffic-too-steady', { variation, leastVariation });
    case 'other-load-with-traffic':
      return findingOf('other-load-with-traffic', doubt);
    case 'use-unexplained':
      return findingOf('use-unexplained', doubt);
  }
}
