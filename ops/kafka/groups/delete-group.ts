// Deletes a Kafka consumer group, or its offsets in one topic, after a backup; the rollback commits the offsets again.

import { z } from 'zod';
import type { Io } from '../../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import { named, type Text } from '../../../core/text/bilingual.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { seconds } from '../../../core/clock.ts';
import { finding, type ChangeKind, type PlannedChange } from '../../change/change-kind.ts';
import { changesNothing, done, heldBy } from '../../change/step.ts';
import { backupFile, backupOf, writeBackup } from '../../offsets/backup.ts';
import type { KafkaTools } from '../administration.ts';
import { partitionKey } from '../live/broker-load.ts';

export const DeleteGroupFacts = z.strictObject({
  group: z.string(),
  isWhole: z.boolean().describe('the group is deleted, not only its offsets in a topic'),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      offsets: z.array(z.strictObject({ partition: z.number(), offset: z.string() })),
    }),
  ),
  backup: z.string().optional().describe('file with the offsets'),
});
export type DeleteGroupFacts = z.infer<typeof DeleteGroupFacts>;

export interface GroupTools extends Pick<KafkaTools, 'admin' | 'clock' | 'clusterArgs'> {
  offsets: GroupOffsets;
  /** Cluster name in the backup. */
  cluster: string;
  stateFolder: string;
}

/** @param topic absent: deletes the whole group. @throws AppError not-found; errors of the coordinator */
export async function planDeleteGroup(
  { offsets }: GroupTools,
  { group, topic: only }: { group: string; topic?: string },
  io: Io,
): Promise<PlannedChange<DeleteGroupFacts>> {
  const presence = await offsets.presence(group, io);
  if (presence.kind === 'absent') {
    throw new AppError('not-found', `the cluster has no group ${group}`, {
      hint: '`plimsoll get groups` lists the groups',
    });
  }
  const committed = await offsets.topics(group, io);
  if (only !== undefined && !committed.includes(only)) {
    throw new AppError('not-found', `group ${group} has no offsets in ${only}`, {
      hint: committed.length === 0 ? 'it has none in any topic' : `it has some in ${named(committed)}`,
    });
  }
  const topics = await Array.fromAsync(only === undefined ? committed : [only], async (topic) => {
    return { topic, offsets: committedIn(await positionsIn(offsets, group, topic, io)) };
  });
  const count = topics.reduce((sum, each) => sum + each.offsets.length, 0);
  const names = topics.map(({ topic }) => topic);
  const findings = [
    finding('info', 'what-is-lost', {
      en: `deleted: offsets of group ${group} in ${names.length === 0 ? 'no topic' : named(names)} (${count}), after a backup`,
      zh: `备份后删除消费组 ${group} 在 ${names.length === 0 ? '0 个 Topic' : named(names, 5, 'zh')} 的位点（${count} 个）`,
    }),
  ];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));
  if (presence.kind === 'running') {
    const members = presence.members.map(({ id, address }) => (address === undefined ? id : `${id} at ${address}`));
    say('critical', 'group-online', {
      en: `group ${group} has members: ${named(members)}; stop them first`,
      zh: `消费组 ${group} 仍有成员：${named(members, 5, 'zh')}；请先停止它们`,
    });
  }
  if (presence.kind === 'unknown') {
    say('critical', 'members-unknown', {
      en: `the members of group ${group} are unknown: ${presence.reason}`,
      zh: `消费组 ${group} 的成员未知：${presence.reason}`,
    });
  }
  return { facts: { group, isWhole: only === undefined, topics }, findings };
}

/** A deleted topic has no positions; only the coordinator still lists its offsets, and they expire. */
async function positionsIn(offsets: GroupOffsets, group: string, topic: string, io: Io) {
  return (await offsets.positions(group, topic, io)) ?? [];
}

export const deleteGroup: ChangeKind<DeleteGroupFacts, GroupTools> = {
  name: 'delete-group',
  facts: DeleteGroupFacts,

  steps: (facts, tools) => {
    const { group, isWhole, topics } = facts;
    const { admin, offsets, clusterArgs } = tools;
    return [
      {
        id: 'back-up',
        description: `back up the offsets of group ${group}`,
        zh: `备份消费组 ${group} 的位点`,
        undo: changesNothing,
        async run(io) {
          const learnt = await backUp(await lastPositions(facts, offsets, io), facts, tools);
          const restore = `plimsoll ops offsets restore${clusterArgs} --group ${quotedWord(group)} --from ${quotedWord(learnt.backup)}`;
          return { ...done([learnt.backup, { en: `to restore: ${restore}`, zh: `恢复命令：${restore}` }]), learnt };
        },
      },
      {
        id: 'delete-group',
        description: isWhole
          ? `delete group ${group} with its offsets`
          : `delete the offsets of group ${group} in ${topics.map(({ topic }) => topic).join(', ')}`,
        zh: isWhole
          ? `删除消费组 ${group} 及其位点`
          : `删除消费组 ${group} 在 ${topics.map(({ topic }) => topic).join('、')} 的位点`,
        pause: seconds(1),
        async run(io) {
          const positions = await lastPositions(facts, offsets, io);
          const known = offsetsOf(facts);
          // A deletion that was refused because the group had members may be resumed hours later. The step is blocked
          // here, so that the journal has the new offsets before they are deleted.
          if (positions.some((each) => each.committed !== known.get(partitionKey(each)))) {
            const learnt = await backUp(positions, facts, tools);
            const what = `group ${group} has committed since its offsets were backed up; backed up again: ${learnt.backup}`;
            const zh = `备份位点后消费组 ${group} 又提交过；已重新备份：${learnt.backup}`;
            return { ...heldBy({ en: what, zh }), learnt };
          }
          if (isWhole) await admin.deleteGroup(group, io);
          else {
            for (const { topic, offsets: own } of facts.topics) {
              const partitions = own.map(({ partition }) => partition);
              await admin.deleteOffsets(group, topic, partitions, io);
            }
          }
          return done();
        },
        undo: {
          description: `commit the offsets of group ${group} again where it has none`,
          zh: `在没有位点的分区重新提交消费组 ${group} 的位点`,
          run: (io) => commitAgain(facts, offsets, io),
        },
      },
    ];
  },
};

const offsetsOf = ({ topics }: DeleteGroupFacts): Map<string, bigint> =>
  new Map(
    topics.flatMap(({ topic, offsets }) =>
      offsets.map(({ partition, offset }) => [partitionKey({ topic, partition }), BigInt(offset)] as const),
    ),
  );

/** @returns current commits; for deleted ones, those known from before */
async function lastPositions(facts: DeleteGroupFacts, offsets: GroupOffsets, io: Io): Promise<GroupPosition[]> {
  const { group, isWhole, topics } = facts;
  const known = offsetsOf(facts);
  const names = topics.map(({ topic }) => topic);
  const all = isWhole ? new Set([...names, ...(await offsets.topics(group, io))]) : names;
  const positions = await Array.fromAsync(all, (topic) => positionsIn(offsets, group, topic, io));
  return positions.flat().map((each) => {
    const committed = each.committed ?? known.get(partitionKey(each));
    return committed === undefined ? each : { ...each, committed };
  });
}

async function backUp(
  positions: readonly GroupPosition[],
  { group }: DeleteGroupFacts,
  { cluster, stateFolder, clock }: GroupTools,
): Promise<Pick<DeleteGroupFacts, 'topics'> & { backup: string }> {
  const file = backupOf({ cluster, broker: 'kafka', group }, positions, clock.now());
  const backup = backupFile(stateFolder, file);
  await writeBackup(backup, file);
  const byTopic = Map.groupBy(positions, ({ topic }) => topic);
  const topics = Array.from(byTopic, ([topic, own]) => ({ topic, offsets: committedIn(own) }));
  return { topics, backup };
}

const committedIn = (positions: readonly GroupPosition[]) =>
  positions.flatMap(({ partition, committed }) =>
    committed === undefined ? [] : [{ partition, offset: String(committed) }],
  );

/** Keeps existing commits: they were not deleted, or were made since. */
async function commitAgain({ group, topics }: DeleteGroupFacts, offsets: GroupOffsets, io: Io): Promise<Text[]> {
  return await Array.fromAsync(topics, async ({ topic, offsets: own }) => {
    const now = committedIn(await positionsIn(offsets, group, topic, io));
    const kept = new Set(now.map(({ partition }) => partition));
    const targets = own
      .filter(({ partition }) => !kept.has(partition))
      .map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
    if (targets.length > 0) await offsets.move(group, topic, targets, undefined, io);
    return {
      en: `${topic}: partitions committed again: ${targets.length}; partitions with a commit, which is kept: ${own.length - targets.length}`,
      zh: `${topic}：重新提交 ${targets.length} 个分区的位点；${own.length - targets.length} 个分区已有位点，予以保留`,
    };
  });
}
