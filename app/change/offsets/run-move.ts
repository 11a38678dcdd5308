// Shows where a consumer group would go, and moves it there on request: backup first, with the command that restores it.

import type { GroupPosition, Moment } from '../../../brokers/group-offsets.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { AppError, exitCodes } from '../../../core/errors.ts';
import { changesNothing, type Step, type Undo } from '../../../ops/change/step.ts';
import { backupFile, backupOf, writeBackup } from '../../../ops/offsets/backup.ts';
import { carryOut, targetsOf } from '../../../ops/offsets/carry-out.ts';
import { offsetNotice } from '../../../ops/offsets/notice.ts';
import { partitionText, readPositions, type MovePlan } from '../../../ops/offsets/plan-move.ts';
import { changeOnce } from '../change-once.ts';
import { offerForApproval } from '../require-approval.ts';
import { stateFolderOf } from '../state-folder.ts';
import type { CommandIo } from '../../../cli/command.ts';
import { hasColours } from '../../../cli/command-line.ts';
import { verifyCluster } from '../../observe/verify-cluster.ts';
import { renderJson } from '../../../cli/report.ts';
import type { MoveIo, OpenedGroup } from '../../../cli/offsets/offset-options.ts';
import { plannedMove } from './planned-move.ts';
import { findingsOf, moveDocument, moveText, moveUndo, sumsOf, type ToldMove } from '../../../cli/offsets/told-move.ts';

export interface AskedMove {
  group: string;
  plans: readonly MovePlan[];
  moment?: Moment;
}

export async function runMove(io: MoveIo, opened: OpenedGroup, asked: AskedMove): Promise<number> {
  const { options, stdout, stderr, environment } = io;
  const { cluster, broker, named } = opened;
  const { group, plans } = asked;
  const { notice: language, window } = options;
  const notice =
    language &&
    offsetNotice(
      {
        cluster,
        group,
        topics: plans.map(({ topic }) => topic),
        ...sumsOf(plans),
        mustStop: traitsOf(broker).mustStopToMoveOffsets,
        ...(window !== undefined && { window }),
      },
      language,
    );
  const show = (told: ToldMove) =>
    stdout.write(
      options.json
        ? renderJson({ schemaVersion: 1, ...moveDocument(told) })
        : moveText(told, { colours: hasColours(stdout, environment) }),
    );
  const planned: ToldMove = { cluster, group, plans, status: 'planned', ...(notice !== undefined && { notice }) };
  await offerForApproval(io, named, { change: 'offsets', subject: `group ${group}` }, plannedMove(asked));
  if (!options.execute) {
    show(planned);
    return exitCodes.answered;
  }
  const bad = findingsOf(plans).filter(({ severity }) => severity === 'critical');
  if (bad.length > 0) {
    throw new AppError('change-refused', `nothing was moved: ${bad.map(({ message }) => message).join(' ')}`);
  }
  if (plans.every((plan) => targetsOf(plan).length === 0)) {
    throw new AppError('change-refused', 'nothing was moved: there is no partition to move');
  }
  const typed = await verifyCluster(named, io);
  if (!options.json) {
    stderr.write(
      moveText({ cluster, group, plans, status: 'about-to-move' }, { colours: hasColours(stderr, environment) }),
    );
  }
  const moved: Moved = { after: new Map() };
  await changeOnce(
    io,
    { ...named, name: cluster, typed },
    {
      change: 'offsets',
      subject: `group ${group}`,
      says: `Group ${group} is moved to other offsets.`,
      facts: { topics: plans.map(({ topic }) => topic) },
      steps: moveSteps(io, opened, asked, moved),
    },
  );
  show({ ...planned, status: 'moved', ...moved });
  return exitCodes.answered;
}

type Moved = Pick<ToldMove, 'backup'> & { after: Map<string, ReadonlyMap<string, GroupPosition>> };

/** @param moved filled as the steps end */
export function moveSteps(
  io: CommandIo,
  opened: OpenedGroup,
  { group, plans, moment }: AskedMove,
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
function undoText({ options }: CommandIo, group: string, path: string): string {
  const cluster = (['config', 'cluster', 'bootstrap', 'namesrv'] as const).flatMap((name) =>
    typeof options[name] === 'string' ? [`--${name} ${quoted(options[name])}`] : [],
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
