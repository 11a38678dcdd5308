// Orders instances: what others depend on first, and one failure domain after another.

import type { DesiredInstance, InstanceRole } from '../../core/documents/instances.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';

/** Within a domain, what others depend on comes first, and a slave before its master. */
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

export function inRollingOrder(chosen: readonly Named[]): Named[] {
  const domainOf = ({ failureDomain, host }: DesiredInstance) => failureDomain ?? host;
  return chosen.toSorted(
    ([oneName, one], [otherName, other]) =>
      naturalOrder(domainOf(one), domainOf(other)) ||
      rank[one.role] - rank[other.role] ||
      naturalOrder(oneName, otherName),
  );
}

/** Of a first start: 0 needs nothing, 1 and 2 need those before; members of one group wait for each other. */
export function startGroup(role: InstanceRole): number {
  const place = rank[role];
  return place <= 1 ? place : place === 5 ? 3 : 2;
}

export const inStartingOrder = (chosen: readonly Named[]): Named[] =>
  chosen.toSorted(
    ([oneName, one], [otherName, other]) =>
      startGroup(one.role) - startGroup(other.role) || naturalOrder(oneName, otherName),
  );
