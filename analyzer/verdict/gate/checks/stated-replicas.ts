// Compares the stated replication factor with the placement of partitions or, if unknown, with the bytes that followers fetched.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { ReplicasFacts } from '../../../../core/documents/findings/stated-figure-findings.ts';
import { slopeInterval, type Slope } from '../../../../core/statistics/regression.ts';
import { figuresPerStep, deliveredCopies } from '../broker-bytes.ts';
import { bounded, refused, type Check, type GateContext, type Inconsistency } from '../check.ts';

/** Brokers that recompress store other bytes than producers sent, which the bytes of consumers show. */
const sameBytesShare = 0.1;

export const statedReplicas: Check = (context) => {
  const { broker, workload } = context.run.document;
  const stated = workload.replicationFactor;
  // A RocketMQ broker has one copy on each of its slaves, regardless of topic settings.
  if (traitsOf(broker)?.copies !== 'any-broker' || stated === undefined) return [];
  const placements = context.run.placements ?? [];
  if (placements.length > 0) return byPlacement(placements, stated);
  return byTraffic(context, context.run.document.degraded?.copies ?? stated);
};

/** Uses the record that differs most, because partitions moved during the run count, too. */
function byPlacement(placements: NonNullable<GateContext['run']['placements']>, stated: number): Inconsistency[] {
  const worst = placements
    .map(({ rows }) => {
      const other = rows.filter(({ replicas }) => replicas.length !== stated);
      const differ = other.reduce((sum, { partitions }) => sum + partitions, 0);
      const all = rows.reduce((sum, { partitions }) => sum + partitions, 0);
      return { differ, all, fewest: Math.min(...other.map(({ replicas }) => replicas.length)) };
    })
    .toSorted((a, b) => b.differ / b.all - a.differ / a.all)[0];
  if (worst === undefined || worst.differ === 0) return [];
  const { differ, all, fewest } = worst;
  return [contradiction({ statedReplicas: stated, measuredReplicas: fewest, partitions: { differ, all } })];
}

function byTraffic({ run, steps, policy }: GateContext, stated: number): Inconsistency[] {
  // A follower with growing lag fetches less than is produced, and one that catches up fetches more.
  if (run.underReplicated.some(({ partitions }) => partitions > 0)) return [];
  const points = figuresPerStep(run, steps, ['bytesInPerSecond', 'replicationBytesOutPerSecond', 'bytesOutPerSecond']);
  const slopeOf = (figure: 'replicationBytesOutPerSecond' | 'bytesOutPerSecond'): Slope | undefined =>
    slopeInterval(
      points.map(({ bytesInPerSecond }) => bytesInPerSecond),
      points.map((point) => point[figure]),
      policy.fit.confidence.value,
    );
  const [copied, consumed, delivered] = [
    slopeOf('replicationBytesOutPerSecond'),
    slopeOf('bytesOutPerSecond'),
    deliveredCopies(steps),
  ];
  if (copied === undefined || consumed === undefined || delivered === 0) return [];
  if (Math.abs(consumed.value / delivered - 1) > sameBytesShare) return [];
  const tolerance = policy.inputs.copies.value;
  const isOutside = copied.low > stated - 1 + tolerance || copied.high < stated - 1 - tolerance;
  return isOutside ? [contradiction({ statedReplicas: stated, measuredReplicas: 1 + copied.value })] : [];
}

/** Fewer copies than stated mean a lighter load than the requested one. */
function contradiction(facts: ReplicasFacts): Inconsistency {
  const isLighter = facts.measuredReplicas < facts.statedReplicas;
  const finding = findingOf('stated-replicas-contradicted', facts);
  return isLighter ? refused('a run with the stated replicas', 'cluster', finding) : bounded(finding);
}
