// Lists reasons to doubt a production maximum; each reduces it to the observed throughput.

import type { Finding, SafeMaxTps } from '../../core/documents/analysis.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import { nodeText, percentText, quantityText } from '../../core/text/quantity-text.ts';
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

export interface Circumstances {
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
  const found = (message: string, evidence: Finding['evidence'] = []): Finding => ({
    severity: 'warning',
    code: doubt.kind,
    message,
    evidence,
  });
  switch (doubt.kind) {
    case 'host-unmapped':
      return found(
        `No host metrics for broker ${doubt.brokers.map(nodeText).join(', ')}, so a limit there cannot be detected and no rate is called safe. Map the broker to its host under sources.<name>.brokers.`,
      );
    case 'traffic-too-steady':
      return found(
        `Traffic hardly varied: the upper twentieth of its quarters of an hour is ${quantityText(variation)} times the lower one, and slopes take ${leastVariation} times and sixteen of them. Take a longer window, one with an event, or run a load test.`,
        [{ name: 'variation', value: variation, unit: 'ratio', source: 'p95 over p5 of the blocks' }],
      );
    case 'other-load-with-traffic':
      return found(
        `${doubt.resource} of ${nodeText(doubt.node)} grows ${quantityText(doubt.difference / doubt.level)} times as much with a change of traffic within the hour as from level to level: another load follows the same daily pattern, so the cost per message cannot be separated from it.`,
        [
          { name: 'slope of levels', value: doubt.level, unit: 'a message/s', source: 'robust line over all blocks' },
          { name: 'slope of changes', value: doubt.difference, unit: 'a message/s', source: 'blocks an hour apart' },
        ],
      );
    case 'use-unexplained':
      return found(
        `${doubt.resource} of ${nodeText(doubt.node)} was at ${percentText(doubt.share)} and no law of the traffic explains it: it may bind before what is named.`,
        [{ name: 'p99', value: doubt.share, unit: 'ratio', source: 'highest level of traffic' }],
      );
  }
}
