// Moves a consumer group to other offsets: backup first, with the command that restores it.

import type { GroupPosition, Moment } from '../../../brokers/group-offsets.ts';
import { AppError } from '../../../core/errors.ts';
import { changesNothing, type Step, type Undo } from '../../../ops/change/step.ts';
import { backupFile, backupOf, writeBackup } from '../../../ops/offsets/backup.ts';
import { carryOut, targetsOf } from '../../../ops/offsets/carry-out.ts';
import { partitionText, readPositions, type MovePlan } from '../../../ops/offsets/plan-move.ts';
import { changeOnce } from '../change-once.ts';
import { offerForApproval } from '../require-approval.ts';
import { stateFolderOf } from '../state-folder.ts';
import type { Caller } from '../../caller.ts';
import { verifyCluster } from '../../observe/verify-cluster.ts';
import type { OpenedGroup } from './open-group.ts';
import { plannedMove } from './planned-move.ts';
import { findingsOf, moveUndo, type MoveState } from './move-state.ts';

export interface OffsetMove {
  group: string;
  plans: readonly MovePlan[];
  moment?: Moment;
}

/** @param beforeMove shows what is about to be moved, once the cluster is verified */
export async function runMove(
  io: Caller,
  opened: OpenedGroup,
  asked: OffsetMove,
  beforeMove: (move: MoveState) => void,
): Promise<MoveState> {
  const { cluster, named } = opened;
  const { group, plans } = asked;
  const what = { change: 'offsets', subject: `group ${group}` };
  await offerForApproval(io, named, what, plannedMove(asked));
  if (!io.options.execute) return { cluster, group, plans, status: 'planned' };
  const bad = findingsOf(plans).filter(({ severity }) => severity === 'critical');
  if (bad.length > 0) {
    throw new AppError('change-refused', `nothing was moved: ${bad.map(({ message }) => message).join(' ')}`);
  }
  if (plans.every((plan) => targetsOf(plan).length === 0)) {
    throw new AppError('change-refused', 'nothing was moved: there is no partition to move');
  }
  const typed = await verifyCluster(named, io);
  beforeMove({ cluster, group, plans, status: 'about-to-move' });
  const moved: Moved = { after: new Map() };
  await changeOnce(
    io,
    { ...named, name: cluster, typed },
    {
      ...what,
      says: `Group ${group} is moved to other offsets.`,
      facts: { topics: plans.map(({ topic }) => topic) },
      steps: moveSteps(io, opened, asked, moved),
    },
  );
  return { cluster, group, plans, status: 'moved', ...moved };
}

type Moved = Pick<MoveState, 'backup'> & { after: Map<string, ReadonlyMap<string, GroupPosition>> };

/** @param moved filled as the steps end */
export function moveSteps(
  io: Caller,
  opened: OpenedGroup,
  { group, plans, moment }: OffsetMove,
  moved: Moved,
): Step<{ topics: readonly string[] }>[] {
  const { clock, signal } = io;
  const { cluster, broker, offsets } = opened;
  const tell = (line: string) => io.stderr.write(`${line}\n`);
  let undo = '';
  const backUp = async () => {
    const backup = backupOf({ cluster, broker, group }, await positionsNow(opened, plans, { signal }), clock.now());
    const path = backupFile(stateFolderOf(io), backup);
    await writeBackup(path, backup);
    undo = undoText(io, group, path);
    tell(`backup: ${path}\nundo:   ${undo}`);
    moved.backup = { path, undo };
    return [path];
  };
  const move = async (plan: MovePlan) => {
    moved.after.set(plan.topic, await carryOut(offsets, plan, moment, { clock, signal, tell, undo }));
    return [];
  };
  type MoveStep = Step<{ topics: readonly string[] }>;
  const step = (id: string, says: string, undo: Undo, act: () => Promise<string[]>): MoveStep => ({
    id,
    by: 'plimsoll',
    says,
    undo,
    run: async () => ({ kind: 'done', evidence: await act() }),
  });
  const restored = { says: moveUndo(group) };
  return [
    step('back-up', `write down where group ${group} stands`, changesNothing, backUp),
    ...plans
      .filter((plan) => targetsOf(plan).length > 0)
      .map((plan) =>
        step(`move-${plan.topic}`, `move group ${group} in topic ${plan.topic}`, restored, () => move(plan)),
      ),
  ];
}

/** Read again: somebody may have thought about the name for an hour. Only what is moved is put back. */
async function positionsNow(
  { offsets }: OpenedGroup,
  plans: readonly MovePlan[],
  io: { signal: AbortSignal },
): Promise<GroupPosition[]> {
  const now: GroupPosition[] = [];
  for (const { group, topic, positions } of plans) {
    const moved = new Set(positions.map(({ position }) => partitionText(position)));
    const all = await readPositions(offsets, group, topic, io);
    now.push(...all.filter((each) => moved.has(partitionText(each))));
  }
  return now;
}

/** As it can be typed. */
function undoText({ options }: Caller, group: string, path: string): string {
  const cluster = (['config', 'cluster', 'bootstrap', 'namesrv'] as const).flatMap((name) =>
    options[name] === undefined ? [] : [`--${name} ${quoted(options[name])}`],
  );
  return [
    'plimsoll ops offsets restore',
    ...cluster,
    `--group ${quoted(group)}`,
    `--from ${quoted(path)}`,
    '--execute',
  ].join(' ');
}

const quoted = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
