// Moves leadership of partitions to one broker through the replica order, and restores leaders and order exactly.

import { z } from 'zod';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import type { Partition } from '../../../core/cluster.ts';
import { AppError, isUnreachable } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { RedlineTools, Restored } from '../../redline/redline-driver.ts';
import { looksWithoutMoves } from '../execute/cancel-moves.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import { isSame } from '../reassign/waves.ts';
import { untilApplied } from '../../change/until-applied.ts';

/** State of a partition before the first step. */
export const OriginalPartition = z.strictObject({
  topic: z.string(),
  partition: z.number().int().nonnegative(),
  /** Preferred leader first. */
  replicas: z.array(z.number().int()),
  leader: z.number().int(),
});
export type OriginalPartition = z.infer<typeof OriginalPartition>;

export interface LeadTools extends Pick<RedlineTools, 'clock' | 'signal' | 'check' | 'held'> {
  changes: Pick<KafkaChanges, 'describe' | 'reassign' | 'electPreferred'>;
}

type Wanted = Pick<OriginalPartition, 'topic' | 'partition'> & { replicas: readonly number[] };

/** Producers look up the new leader after each leader change, so few partitions change at a time. */
const atOnce = 5;
const pause = seconds(0.5);
const patience = seconds(30);

/** @returns the broker first, then the others in unchanged order */
const ledFirst = ({ replicas }: Pick<Wanted, 'replicas'>, broker: number): number[] => [
  broker,
  ...replicas.filter((each) => each !== broker),
];

/**
 * @param partitions in-sync on the broker; nothing is copied
 * @throws AppError broker-refused if the controller refuses; change-stopped if the broker does not lead all of them in
 *   time
 */
export async function takeLeadership(tools: LeadTools, broker: number, partitions: readonly Wanted[]): Promise<void> {
  for (let from = 0; from < partitions.length; from += atOnce) {
    if (from > 0) await tools.clock.sleep(pause, { signal: tools.signal });
    const group = partitions.slice(from, from + atOnce);
    const first = group.map((each) => ({ ...each, replicas: ledFirst(each, broker) }));
    await order(tools, first);
    await elect(tools, group);
  }
  await untilApplied({ clock: tools.clock, patience, pause, code: 'change-stopped' }, tools, async () => {
    const now = await stateOf(tools);
    const others = partitions.filter((each) => now.get(partitionKey(each))?.leader !== String(broker));
    if (others.length === 0) return undefined;
    await elect(tools, others);
    return `broker ${broker} does not lead ${others.slice(0, 3).map(partitionKey).join(', ')}`;
  });
}

/** The controller may be unavailable during an election, and a broker during a restart. */
const restorePatience = seconds(120);

/**
 * Restores leaders first, then the replica order, so that a partition whose leader was not the preferred one gets both
 * back. Skips unchanged partitions; leaves and names partitions whose replicas others have changed.
 *
 * @throws AppError of the cluster, after two minutes without progress
 */
export async function restoreLayout(
  tools: LeadTools,
  broker: number,
  originals: readonly OriginalPartition[],
): Promise<Restored> {
  let deadline = tools.clock.monotonic() + restorePatience;
  let least = Number.POSITIVE_INFINITY;
  for (let quietLooks = 0; ;) {
    try {
      const now = await stateOf(tools);
      const all = originals.map((original) => todoOf(original, broker, now.get(partitionKey(original))));
      const todo = all.filter(({ kind }) => kind === 'order' || kind === 'elect');
      quietLooks = todo.length === 0 ? quietLooks + 1 : 0;
      const isLate = todo.length > 0 && tools.clock.monotonic() > deadline;
      if (quietLooks === looksWithoutMoves || (isLate && todo.every(({ kind }) => kind === 'elect'))) {
        const left = all.flatMap((each) =>
          each.kind === 'done'
            ? []
            : [
                `${partitionKey(each.original)}: ${each.kind === 'left' ? each.reason : `broker ${each.original.leader}, its former leader, does not take over${laterElection(each.original)}`}`,
              ],
        );
        return { partitions: all.filter(({ kind }) => kind === 'done').length, left };
      }
      if (todo.length < least) deadline = tools.clock.monotonic() + restorePatience;
      least = Math.min(least, todo.length);
      await restoreSome(tools, todo.slice(0, atOnce));
    } catch (cause) {
      const isPassing = cause instanceof AppError && (isUnreachable(cause) || cause.code === 'broker-busy');
      if (!isPassing || tools.clock.monotonic() > deadline) throw cause;
      quietLooks = 0;
      tools.held(cause.message);
    }
    await tools.clock.sleep(pause, { signal: tools.signal });
  }
}

type Todo =
  | { kind: 'done'; original: OriginalPartition }
  | { kind: 'left'; original: OriginalPartition; reason: string }
  | { kind: 'order'; original: OriginalPartition; replicas: readonly number[] }
  | { kind: 'elect'; original: OriginalPartition };

function todoOf(original: OriginalPartition, broker: number, now: Partition | undefined): Todo {
  const left = (reason: string): Todo => ({ kind: 'left', original, reason });
  if (now === undefined) return left('it was deleted meanwhile');
  const { replicas, leader } = original;
  const order = now.replicas.map(Number);
  const isLedAsBefore = now.leader === String(leader);
  const isOrderedAsBefore = isSame(order, replicas);
  if (isOrderedAsBefore && isLedAsBefore) return { kind: 'done', original };
  const leaderFirst = ledFirst(original, leader);
  // Only this change produces these two orders.
  const isOwn = isSame(order, ledFirst(original, broker)) || isSame(order, leaderFirst);
  if (!isOrderedAsBefore && !isOwn)
    return left(
      `its replicas were changed by others meanwhile; before, they were ${replicas.join()}, led by broker ${leader}`,
    );
  const canLead = now.inSyncReplicas.includes(String(leader));
  if (isLedAsBefore || !canLead) {
    if (!isOrderedAsBefore) return { kind: 'order', original, replicas };
    return left(`broker ${leader}, its former leader, is not in sync${laterElection(original)}`);
  }
  return isSame(order, leaderFirst) ? { kind: 'elect', original } : { kind: 'order', original, replicas: leaderFirst };
}

/** The replica order is then restored, and only the leader differs. */
const laterElection = ({ leader, replicas }: OriginalPartition): string =>
  replicas[0] === leader ? '; once it is, a preferred leader election returns it (kafka-leader-election.sh)' : '';

async function restoreSome(tools: LeadTools, todo: readonly Todo[]): Promise<void> {
  const orders = todo.flatMap((each) => (each.kind === 'order' ? [{ ...each.original, replicas: each.replicas }] : []));
  if (orders.length > 0) await order(tools, orders);
  // If the former leader was not the preferred one, the order is restored last, without an election.
  const back = todo.flatMap((each) =>
    each.kind === 'elect' || (each.kind === 'order' && each.replicas[0] === each.original.leader)
      ? [each.original]
      : [],
  );
  if (back.length > 0) await elect(tools, back);
}

async function order(tools: LeadTools, wanted: readonly Wanted[]): Promise<void> {
  await tools.check();
  const [first] = await tools.changes.reassign(wanted, tools);
  if (first === undefined) return;
  throw new AppError(
    'broker-refused',
    `the controller refuses the order of replicas of ${partitionKey(first)}: ${first.reason}${first.message === undefined ? '' : `, ${first.message}`}`,
  );
}

/** Partitions that cannot be elected now are detected later by their leader. */
async function elect(tools: LeadTools, partitions: readonly Wanted[]): Promise<void> {
  await tools.check();
  await tools.changes.electPreferred(partitions, tools);
}

async function stateOf({ changes, signal }: LeadTools): Promise<ReadonlyMap<string, Partition>> {
  return byPartition(await changes.describe({ signal }));
}
