// Refuses a plan if the cluster was changed between planning and start.

import { AppError } from '../../../core/errors.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import type { KafkaPartition } from '../reassign/plan-reassignment.ts';
import { look } from './look.ts';
import type { Run } from './run.ts';

/**
 * Another change may have ended during the confirmation: this plan would undo it, and so would its rollback.
 *
 * @throws AppError change-refused
 */
export async function refuseChanged(
  changes: Run['changes'],
  planned: readonly KafkaPartition[],
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { metadata, moving } = await look({ changes, signal });
  const [first] = moving;
  if (first !== undefined) throw refusal(`replicas of ${partitionKey(first)} are being moved`);
  const now = byPartition(metadata);
  for (const each of planned) {
    const [was, is = 'none'] = [each.replicas.join(), now.get(partitionKey(each))?.replicas.join()];
    if (is !== was)
      throw refusal(`since it was planned, the replicas of ${partitionKey(each)} were changed: ${was} → ${is}`);
  }
}

const refusal = (why: string) =>
  new AppError('change-refused', `the change was not started: ${why}`, {
    hint: 'run the command again: it plans from the current placement',
  });
