// How does a command show where a group would go, and move it there on request? Backup first, and the way back printed.

import type { GroupPosition, Moment } from '../../brokers/group-offsets.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { backupFile, backupOf, writeBackup } from '../../ops/offsets/backup.ts';
import { carryOut, targetsOf } from '../../ops/offsets/carry-out.ts';
import { offsetNotice } from '../../ops/offsets/notice.ts';
import { partitionText, readPositions, type MovePlan } from '../../ops/offsets/plan-move.ts';
import { takeLease } from '../change/command-lease.ts';
import { offerForApproval } from '../change/require-approval.ts';
import type { CommandIo } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { confirm } from '../confirm.ts';
import { verifyCluster } from '../live-cluster.ts';
import { readLanguage } from '../reassign/notice-language.ts';
import { renderJson } from '../report.ts';
import type { OpenedGroup } from './offset-options.ts';
import { plannedMove } from './planned-move.ts';
import { findingsOf, moveDocument, moveText, sumsOf, type ToldMove } from './told-move.ts';

export interface AskedMove {
  group: string;
  plans: readonly MovePlan[];
  moment?: Moment;
}

export async function runMove(io: CommandIo, opened: OpenedGroup, asked: AskedMove): Promise<number> {
  const { options, stdout, stderr, clock, signal, environment } = io;
  const { cluster, broker, named, offsets } = opened;
  const { group, plans, moment } = asked;
  const language = readLanguage(options['notice']);
  const notice =
    language &&
    offsetNotice(
      {
        cluster,
        group,
        topics: plans.map(({ topic }) => topic),
        ...sumsOf(plans),
        mustStop: broker === 'kafka',
        ...(typeof options['window'] === 'string' && { window: options['window'] }),
      },
      language,
    );
  const show = (told: ToldMove) =>
    stdout.write(
      options['json'] === true
        ? renderJson({ schemaVersion: 1, ...moveDocument(told) })
        : moveText(told, { colours: hasColours(stdout, environment) }),
    );
  const planned: ToldMove = { cluster, group, plans, status: 'planned', ...(notice !== undefined && { notice }) };
  await offerForApproval(io, named, { change: 'offsets', subject: `group ${group}` }, plannedMove(asked));
  if (options['execute'] !== true) {
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
  if (options['json'] !== true) {
    stderr.write(
      moveText({ cluster, group, plans, status: 'about-to-move' }, { colours: hasColours(stderr, environment) }),
    );
  }
  await confirm(io, typed, `Group ${group} is moved to other offsets.`);
  const leased = { ...named, name: cluster, typed };
  await using lease = await takeLease(io, leased, { change: 'offsets', subject: `group ${group}` });

  const before = await positionsNow(opened, plans, { signal });
  const backup = backupOf({ cluster, broker, group }, before, clock.now());
  const folder = typeof options['state-dir'] === 'string' ? options['state-dir'] : stateFolder(environment);
  const path = backupFile(folder, backup);
  await writeBackup(path, backup);
  const undo = undoText(io, group, path);
  stderr.write(`backup: ${path}\nundo:   ${undo}\n`);

  const after = new Map<string, ReadonlyMap<string, GroupPosition>>();
  const tell = (line: string) => stderr.write(`${line}\n`);
  for (const plan of plans) {
    if (targetsOf(plan).length === 0) continue;
    lease.check();
    after.set(plan.topic, await carryOut(offsets, plan, moment, { clock, signal, tell, undo }));
  }
  show({ ...planned, status: 'moved', after, backup: { path, undo } });
  return exitCodes.answered;
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
