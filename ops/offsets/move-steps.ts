// Implements the steps of an offset move: back up, then move topic by topic; the rollback restores each topic from the backup.

import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition } from '../../brokers/group-offsets.ts';
import type { Clock } from '../../core/clock.ts';
import type { Text } from '../../core/text/bilingual.ts';
import type { ChangeKind } from '../change/change-kind.ts';
import { changesNothing, done, refused, type Step } from '../change/step.ts';
import { backupFile, backupOf, readBackup, refuseUnknown, writeBackup } from './backup.ts';
import { carryOut, targetsOf } from './carry-out.ts';
import { MoveFacts, topicMove } from './move-facts.ts';
import { partitionText, readPositions } from './plan-move.ts';
import { deletedIn, plannedAgain, planRestore } from './plan-restore.ts';

export interface MoveTools {
  offsets: GroupOffsets;
  /** Cluster name in the backup. */
  cluster: string;
  stateFolder: string;
  clock: Clock;
  tell(line: string): void;
  /** Called after the backup is on disk. */
  backedUp(path: string): void;
  /** Called with the positions of the group after the move, or after its rollback. */
  moved(topic: string, after: ReadonlyMap<string, GroupPosition>): void;
}

export const offsetMove = {
  name: 'offsets',
  facts: MoveFacts,
  steps: (facts, tools) => [backUp(facts, tools), ...facts.topics.map((each) => moveTopic(facts, each, tools))],
} satisfies ChangeKind<MoveFacts, MoveTools>;

function backUp(facts: MoveFacts, { offsets, cluster, stateFolder, clock, backedUp }: MoveTools): Step<MoveFacts> {
  const { group, broker } = facts;
  return {
    id: 'back-up',
    description: `back up the offsets of group ${group}`,
    zh: `备份消费组 ${group} 的位点`,
    undo: changesNothing,
    async run(io) {
      const backup = backupOf({ cluster, broker, group }, await positionsNow(facts, offsets, io), clock.now());
      const path = backupFile(stateFolder, backup);
      await writeBackup(path, backup);
      backedUp(path);
      return { ...done(path), learnt: { backup: path } };
    },
  };
}

/** Reads positions again, because the confirmation may have taken an hour. Only moved positions are restored. */
async function positionsNow({ group, topics }: MoveFacts, offsets: GroupOffsets, io: Io): Promise<GroupPosition[]> {
  const now: GroupPosition[] = [];
  for (const { topic, targets } of topics) {
    const moved = new Set(targets.map(partitionText));
    const all = await readPositions(offsets, group, topic, io);
    now.push(...all.filter((each) => moved.has(partitionText(each))));
  }
  refuseUnknown(group, now);
  return now;
}

function moveTopic(facts: MoveFacts, of: MoveFacts['topics'][number], tools: MoveTools): Step<MoveFacts> {
  const { group, moment } = facts;
  const { topic } = of;
  const { offsets, clock, tell, moved } = tools;
  return {
    id: `move-${topic}`,
    description: `move group ${group} in topic ${topic}`,
    zh: `重置消费组 ${group} 在 Topic ${topic} 的位点`,
    async run({ signal }) {
      const deleted = deletedIn(await plannedAgain(offsets, { group, topic }, of.targets, { signal }));
      const move = topicMove(facts, of);
      const targets = move.targets.filter((target) => !deleted.includes(partitionText(target)));
      if (targets.length > 0) {
        moved(topic, await carryOut(offsets, { ...move, targets }, moment, { clock, signal, tell }));
      }
      return done(deletedText(topic, deleted));
    },
    undo: {
      description: `restore group ${group} in topic ${topic} from the backup`,
      zh: `用备份恢复消费组 ${group} 在 Topic ${topic} 的位点`,
      run: (io) => restoreTopic(facts, topic, tools, io),
    },
  };
}

async function restoreTopic(
  { group, broker, backup }: MoveFacts,
  topic: string,
  { offsets, cluster, clock, tell, moved }: MoveTools,
  io: Io,
): Promise<Text[]> {
  // No topic moves before the backup is on disk.
  if (backup === undefined) return [];
  const { positions } = await readBackup(backup, { cluster, broker, group });
  const kept = positions.filter((each) => each.topic === topic);
  const plans = await planRestore(offsets, { group, positions: kept }, io, { isUnderWay: true });
  const bad = plans.flatMap(({ findings }) => findings).filter(({ severity }) => severity === 'critical');
  if (bad.length > 0) {
    throw refused(
      `group ${group} is not restored in ${topic}: ${bad.map(({ message }) => message).join(' ')}`,
      'fix the cause first',
    );
  }
  const restored: Text[] = [];
  for (const { presence, positions: planned } of plans) {
    const isElsewhere = ({ position, outcome }: (typeof planned)[number]) =>
      outcome.kind === 'move' && outcome.target !== position.committed;
    const targets = targetsOf({ positions: planned.filter(isElsewhere) });
    const never = kept.filter(({ committed }) => committed === undefined);
    if (never.length > 0) {
      const names = never.map(partitionText);
      restored.push({
        en: `${names.join(', ')} of ${topic} had no commit; a commit cannot be removed`,
        zh: `${topic} 的 ${names.join('、')} 原无已提交位点；已提交的位点无法移除`,
      });
    }
    const isNewGroup = presence.kind === 'absent';
    if (targets.length > 0) {
      const move = { group, topic, isWhole: false, isNewGroup, targets };
      moved(topic, await carryOut(offsets, move, undefined, { clock, signal: io.signal, tell }));
    }
    restored.push(...deletedText(topic, deletedIn(planned)));
  }
  return restored;
}

function deletedText(topic: string, deleted: readonly string[]): Text[] {
  const en = `partitions of ${topic} that were deleted meanwhile: ${deleted.join(', ')}`;
  return deleted.length === 0 ? [] : [{ en, zh: `${topic} 期间被删除的分区：${deleted.join('、')}` }];
}
