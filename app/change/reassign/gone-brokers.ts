// Handles brokers that are not in the cluster: skips those of --remove without replicas, and places no replica on the others.

import type { Finding } from '../../../core/documents/analysis.ts';
import { finding } from '../../../ops/change/change-kind.ts';
import type { LiveCluster } from '../../../ops/kafka/live/read-cluster.ts';
import type { RequestedGoal } from './goal.ts';
import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { AppError } from '../../../core/errors.ts';
import type { Brokers } from '../../../ops/kafka/reassign/files.ts';

/**
 * Removes absent brokers from the request. If nothing else is requested, the plan moves nothing: an absent broker is no
 * reason to balance the others.
 */
export function leaveOutGone(
  requested: RequestedGoal,
  { brokers }: Pick<LiveCluster, 'brokers'>,
): { requested: RequestedGoal; findings: Finding[] } {
  const isKnown = (id: number) => brokers.some((broker) => broker.id === id);
  const gone = requested.remove.filter((id) => !isKnown(id));
  if (gone.length === 0) return { requested, findings: [] };
  const remove = requested.remove.filter(isKnown);
  const isNothingLeft = requested.goal.kind === 'even' && remove.length + requested.add.length === 0;
  return {
    requested: { ...requested, remove, ...(isNothingLeft && { goal: { kind: 'as-is' as const } }) },
    findings: gone.map((id) =>
      finding('info', 'nothing-to-remove', {
        en: `Broker ${id} is not in the cluster and has no replicas: there is nothing to move.`,
        zh: `Broker ${id} 不在集群中，也没有副本：无需迁移。`,
      }),
    ),
  };
}

/** @param given brokers of --brokers, which may also list leaving brokers. @throws AppError change-refused */
export function refuseAbsent(
  { brokers }: Pick<KafkaMetadata, 'brokers'>,
  { goal, add, remove }: RequestedGoal,
  given: Brokers,
): void {
  const present = new Set(brokers.map(({ id }) => Number(id)));
  const named = [
    ...add.map((id) => ({ id, option: '--add' })),
    ...(goal.kind === 'replace' ? [{ id: goal.to, option: '--replace' }] : []),
    ...given.filter(({ id }) => !remove.includes(id)).map(({ id }) => ({ id, option: '--brokers' })),
  ];
  const absent = named.find(({ id }) => !present.has(id));
  if (absent === undefined) return;
  throw new AppError('change-refused', `broker ${absent.id} of ${absent.option} is not in the cluster now`, {
    hint: 'start it, and run the command again',
  });
}
