// Lists the states that a cluster must survive at the planned peak: all up, and each requested loss.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { LossCase } from '../../../core/documents/reasons/rejection-reasons.ts';
import { type Build, type ClusterRequest, hasFailover } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

export interface Scenario {
  loss: LossCase;
  /** Lost brokers that accept messages: a number, or those of a zone, which has ⌈n / zones⌉ of them. */
  lost: { kind: 'none' } | { kind: 'count'; count: number } | { kind: 'zone'; zones: number };
  /** Allowed use of the others: the policy, full capacity for seconds, or the share for usual days. */
  against: 'safe' | 'full' | 'daily';
  catchUp: boolean;
  /** Sender of a rebuilt copy: on RocketMQ its own master, on Kafka all the others. */
  rebuild: 'none' | 'own-master' | 'others';
  /** Lost copies that are rebuilt at once: of all lost brokers, or of the slaves that one master may lose. */
  refills: number;
}

/**
 * - Kafka: the others lead the partitions of a lost broker, n / (n − k) of the load each. The traffic that followers on lost brokers
 *   no longer fetch is not subtracted. All others send to each replacement.
 * - RocketMQ with a fixed master: a lost master accepts no messages until it returns: m / (m − k). A new slave copies from its master.
 * - RocketMQ with DLedger or a controller: a lost member costs an election, during whose seconds the other masters carry everything and
 *   may be saturated; then its group is back, and the member copies from the master. A whole lost group costs m / (m − 1) for its
 *   whole duration, within policy.
 */
export function scenariosOf(build: Build, { survive, zones }: ClusterRequest, policy: SizingPolicy): Scenario[] {
  const scenarios: Scenario[] = [];
  const add = (loss: LossCase, lost: Scenario['lost'], rest: Partial<Scenario> = {}) =>
    scenarios.push({ loss, lost, against: 'safe', catchUp: true, rebuild: 'none', refills: 1, ...rest });
  const elects = hasFailover(build);
  const { brokers } = survive;
  const { copies } = traitsOf(build.broker);
  add({ kind: 'everything-up' }, { kind: 'none' }, { catchUp: false });
  if (policy.dailyShare !== undefined) {
    add({ kind: 'usual-day' }, { kind: 'none' }, { against: 'daily', catchUp: false });
  }
  if (brokers > 0) {
    const lost = { kind: 'count', count: brokers } as const;
    const loss = { kind: 'brokers-lost', brokers } as const;
    const slaves = build.replicas - 1;
    if (copies === 'any-broker') add(loss, lost, { rebuild: slaves > 0 ? 'others' : 'none', refills: brokers });
    else {
      if (elects) add({ ...loss, elects }, lost, { against: 'full', catchUp: false });
      else add(loss, lost);
      const filled = { rebuild: 'own-master', refills: Math.min(brokers, slaves) } as const;
      if (slaves > 0) add({ kind: 'brokers-filled', brokers }, { kind: 'none' }, filled);
    }
  }
  if (survive.zones > 0 && zones > 1) {
    const lost = { kind: 'zone', zones } as const;
    if (elects) add({ kind: 'zone-lost', elects }, lost, { against: 'full', catchUp: false });
    else add({ kind: 'zone-lost' }, lost);
  }
  if (survive.group && copies === 'own-group' && (elects || brokers === 0)) {
    add({ kind: 'group-lost' }, { kind: 'count', count: 1 });
  }
  return scenarios;
}

/** Number of brokers out of n that accept messages during the scenario. */
export function left({ lost }: Pick<Scenario, 'lost'>, masters: number): number {
  if (lost.kind === 'none') return masters;
  return lost.kind === 'count' ? masters - lost.count : masters - Math.ceil(masters / lost.zones);
}

/** The number of which this many remain, not rounded. */
export function withLoss({ lost }: Scenario, needed: number): number {
  if (lost.kind === 'none') return needed;
  return lost.kind === 'count' ? needed + lost.count : (needed * lost.zones) / (lost.zones - 1);
}
