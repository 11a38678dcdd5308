// Refuses to plan replicas on brokers that are not in the cluster.

import type { KafkaMetadata } from '../../../brokers/kafka/client.ts';
import { AppError } from '../../../core/errors.ts';
import type { Brokers } from '../../../ops/kafka/reassign/files.ts';
import type { RequestedGoal } from './goal.ts';

/** @param given of --brokers: it may also list brokers that leave. @throws AppError change-refused */
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
