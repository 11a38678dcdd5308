// Lists the states a cluster must survive at the planned peak: all up, and each requested loss.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { LossCase } from '../../../core/documents/reasons/rejection-reasons.ts';
import { hasFailover, type Build, type ClusterRequest } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

export interface Scenario {
  loss: LossCase;
  /** Brokers that take messages and are gone: a number, or those of a zone, which has ⌈n / zones⌉ of them. */
  lost: { kind: 'none' } | { kind: 'count'; count: number } | { kind: 'zone'; zones: number };
  /** What the others may use: what policy allows, all there is for seconds, or the share for usual days. */
  against: 'safe' | 'full' | 'daily';
  catchUp: boolean;
  /** Who sends a lost copy again: on RocketMQ its own master, on Kafka all the others. */
  rebuild: 'none' | 'own-master' | 'others';
  /** Lost copies that the senders send at once: of all lost brokers, or of the slaves that one master may lose. */
  refills: number;
}

/**
 * - Kafka: partitions of a lost broker are led by the others, n / (n − k) of the load each (per-broker load; what followers of the dead no
 *   longer ask for is not taken off). Each replacement is filled by all others.
 * - RocketMQ with a fixed master: a lost master takes no messages until it is back: m / (m − k). A new slave is filled by its master.
 * - RocketMQ with DLedger or a controller: a lost member costs the election, for whose seconds the other masters carry everything and
 *   may be full; then its group is back, and the master fills the member again. A whole group that is lost costs m / (m − 1) for as
 *   long as it lasts, within policy.
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

/** How many take messages while it lasts, of n. */
export function left({ lost }: Pick<Scenario, 'lost'>, masters: number): number {
  if (lost.kind === 'none') return masters;
  return lost.kind === 'count' ? masters - lost.count : masters - Math.ceil(masters / lost.zones);
}

/** The number of which this many remain, not rounded. */
export function withLoss({ lost }: Scenario, needed: number): number {
  if (lost.kind === 'none') return needed;
  return lost.kind === 'count' ? needed + lost.count : (needed * lost.zones) / (lost.zones - 1);
}
