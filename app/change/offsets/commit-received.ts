// Commits the offsets of received messages for a group without running members, once and under the cluster's lease.

import { z } from 'zod';
import { queueName } from '../../../brokers/delta/partition-key.ts';
import type { Io } from '../../../brokers/driver.ts';
import type { GroupOffsets, OffsetTarget } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import type { Step } from '../../../ops/change/step.ts';
import type { Caller } from '../../caller.ts';
import type { NamedCluster } from '../../observe/named-cluster.ts';
import { committedOf, type ReceivedPosition } from '../../observe/receive-messages.ts';
import { runChange } from '../run-change.ts';

const ReceiveFacts = z.strictObject({ group: z.string(), topic: z.string(), next: z.array(z.string()) });

interface ReceivedForGroup {
  group: string;
  topic: string;
  next: readonly ReceivedPosition[];
}

/**
 * @returns false if --write-plan only wrote the plan
 * @throws AppError change-refused while the group has members, or if it has committed since; as runChange
 */
export async function commitReceived(
  io: Caller,
  { name, config }: Pick<NamedCluster, 'name' | 'config'>,
  offsets: Pick<GroupOffsets, 'presence' | 'positions' | 'move'>,
  received: ReceivedForGroup,
): Promise<boolean> {
  const { group, topic, next } = received;
  await refuseRunning(offsets, group, io);
  // A commit has no option --execute.
  const options = { ...io.options, execute: io.options['write-plan'] === undefined };
  const { status } = await runChange(
    { ...io, options },
    { name, config },
    {
      kind: { name: 'receive', facts: ReceiveFacts, steps: () => commitSteps(offsets, received) },
      subject: `group ${group}`,
      folder: 'changes',
      isOnce: true,
      tools: undefined,
      async plan(within, shown) {
        if (shown !== undefined) await refuseMoved(offsets, received, within);
        return { facts: { group, topic, next: next.map(positionText) }, findings: [] };
      },
      approval: (facts, planned) => ({ ...planned, exact: facts }),
      summary: () => `Group ${group} skips the messages of topic ${topic} that were received.`,
    },
  );
  return status === 'done';
}

/** @throws AppError change-refused */
export async function refuseRunning(offsets: Pick<GroupOffsets, 'presence'>, group: string, io: Io): Promise<void> {
  const presence = await offsets.presence(group, io);
  if (presence.kind !== 'running' && presence.kind !== 'unknown') return;
  const why = presence.kind === 'running' ? 'it has members, which commit themselves' : presence.reason;
  throw new AppError('change-refused', `nothing is committed for group ${group}: ${why}`, {
    hint: 'stop its members, or leave out --commit',
  });
}

/** Members that ran since then may have committed further messages. */
async function refuseMoved(offsets: Pick<GroupOffsets, 'positions'>, { group, topic, next }: ReceivedForGroup, io: Io) {
  const current = await committedOf(offsets, group, topic, io);
  for (const each of next) {
    const committed = current.get(queueName(each));
    if (committed === each.committed) continue;
    const place = `partition ${queueName(each)} of topic ${topic}`;
    throw new AppError(
      'change-refused',
      `nothing is committed for group ${group}: ${place} was ${commitText(each.committed)} when its messages were received, and is ${commitText(committed)} now`,
      { hint: 'run the command again: it receives from the new commit' },
    );
  }
}

const commitText = (committed: bigint | undefined) =>
  committed === undefined ? 'without a commit' : `at ${committed}`;

/** @returns `partition 0 at offset 17` */
export const positionText = (each: OffsetTarget) => `partition ${queueName(each)} at offset ${each.offset}`;

export const commitSteps = (
  offsets: Pick<GroupOffsets, 'presence' | 'move'>,
  { group, topic, next }: { group: string; topic: string; next: readonly OffsetTarget[] },
): Step<object>[] => [
  {
    id: 'commit',
    description: `commit for group ${group} in ${topic}: ${next.map(positionText).join(', ')}`,
    zh: `为消费组 ${group} 提交 ${topic} 的位点：${next.map((each) => `分区 ${queueName(each)} 位点 ${each.offset}`).join('、')}`,
    async run(within) {
      // Checked here because RocketMQ also moves a running group.
      await refuseRunning(offsets, group, within);
      await offsets.move(group, topic, next, undefined, within);
      return { kind: 'done', evidence: next.map(positionText) };
    },
    undo: {
      none: '`plimsoll ops offsets reset` moves the group back',
      zh: '可用 `plimsoll ops offsets reset` 移回位点',
    },
  },
];
