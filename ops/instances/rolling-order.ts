// Orders instances: dependencies first, and one failure domain after another.

import type { DesiredInstance, InstanceRole } from '../../core/documents/instances.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';
import type { ChangedInstance } from './facts.ts';

/** Within a domain, dependencies come first, and a slave before its master. */
const rank: Readonly<Record<InstanceRole, number>> = {
  zookeeper: 0,
  'rocketmq-name-server': 0,
  'kafka-controller': 1,
  'rocketmq-controller': 1,
  'rocketmq-slave': 2,
  'rocketmq-dledger': 3,
  'rocketmq-replica': 3,
  'kafka-broker': 3,
  'kafka-broker-controller': 3,
  'rocketmq-master': 4,
  'rocketmq-container': 4,
  'rocketmq-proxy': 5,
};

type Named = readonly [string, DesiredInstance];

const domainOf = ({ failureDomain, host }: DesiredInstance) => failureDomain ?? host;

export function inRollingOrder(chosen: readonly Named[]): Named[] {
  return chosen.toSorted(
    ([oneName, one], [otherName, other]) =>
      naturalOrder(domainOf(one), domainOf(other)) ||
      rank[one.role] - rank[other.role] ||
      naturalOrder(oneName, otherName),
  );
}

/**
 * Restarts the active controller last, so that one election is enough: each restart of an active controller could
 * otherwise move the role to one that is restarted next.
 */
export function activeControllerLast(
  order: readonly ChangedInstance[],
  controller: string | undefined,
): ChangedInstance[] {
  const active = order.find(({ target }) => target.role.startsWith('kafka-') && target.broker === controller);
  const last = active && domainOf(active.target);
  return order.toSorted(
    (one, other) => Number(domainOf(one.target) === last) - Number(domainOf(other.target) === last),
  );
}

/** As for the active controller: then one election of ZooKeeper is enough. */
export const leadingServerLast = (order: readonly ChangedInstance[], leader: string | undefined): ChangedInstance[] =>
  order.toSorted((one, other) => Number(one.name === leader) - Number(other.name === leader));

/**
 * Group of a first start: 0 has no dependencies, 1 and 2 depend on the earlier groups; members of one group wait for
 * each other.
 */
export function startGroup(role: InstanceRole): number {
  const place = rank[role];
  return place <= 1 ? place : place === 5 ? 3 : 2;
}

export const inStartingOrder = (chosen: readonly Named[]): Named[] =>
  chosen.toSorted(
    ([oneName, one], [otherName, other]) =>
      startGroup(one.role) - startGroup(other.role) || naturalOrder(oneName, otherName),
  );
