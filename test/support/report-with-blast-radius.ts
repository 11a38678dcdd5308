// Provides a capacity report with a blast radius: without a broker, network interfaces are saturated.

import { makeReport } from '../../analyzer/review/capacity-report/make-report.ts';
import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import { plannedConsumerSpeed } from '../../analyzer/planning/simulation/planned-cluster.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { BlastRadiusDocument } from '../../core/documents/blast-radius.ts';
import { readDefaultPolicy } from '../../core/policy/policy.ts';
import { inputs } from './capacity-report-inputs.ts';
import { plannedCluster } from './cluster-plan.ts';

/** Network interfaces that the loss of a broker saturates. */
const tight = { ...plannedCluster().shape, networkBitsPerSecond: 8e7 };
export const radius = blastRadiusOf(plannedCluster({ shape: tight }), sizingPolicy(readDefaultPolicy(), {}), {
  choices: { world: 'high', consumerSpeed: plannedConsumerSpeed, isThrottled: true },
  lastsSeconds: 1800,
});
export const withRadius = makeReport({
  ...inputs,
  blastRadius: {
    document: BlastRadiusDocument.parse({
      schemaVersion: 1,
      kind: 'blast-radius',
      world: 'high',
      consumerSpeed: plannedConsumerSpeed,
      lastsSeconds: 1800,
      clusters: [radius],
    }),
    source: { id: 'blast-radius', kind: 'blast-radius', name: 'radius.json', sha256: 'd'.repeat(64) },
  },
});
