// Moves a consumer group for a command, or shows the result in advance.

import { type OpenedGroup, openGroup } from '../../app/change/offsets/open-group.ts';
import { type OffsetMove, runMove as runRequested } from '../../app/change/offsets/run-move.ts';
import { actionOf } from '../../app/change/run-change.ts';
import { type MoveState, moveUndo, sumsOf } from '../../app/change/offsets/move-state.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { noticeText } from '../../ops/change/notice.ts';
import { AppError } from '../../core/errors.ts';
import { offsetNotice } from '../../ops/offsets/notice.ts';
import { hasColours } from '../command-line.ts';
import { type CommandIo, flag, type IoOf, printDocument, text } from '../command.ts';
import type { ResetTarget } from '../../ops/offsets/reset-target.ts';
import { momentOf } from '../../ops/offsets/moment.ts';
import { groupOption, leaseOptions } from '../change/administration-options.ts';
import { clusterOptions } from '../options.ts';
import { noticeOptions } from '../reassign/notice-language.ts';
import type { GroupPosition, GroupPresence } from '../../brokers/group-offsets.ts';
import { partitionText, type PlannedPosition } from '../../ops/offsets/plan-move.ts';
import { countText, ifKnown } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { defined } from '../../core/defined.ts';

type NewMove = Omit<OffsetMove, 'group'>;

/** @param begin reads the options of a new move; --resume and --abort take it from the journal */
export async function runMove(
  io: GroupMoveIo,
  begin: () => (opened: OpenedGroup) => Promise<NewMove> | NewMove,
): Promise<void> {
  const { options, stderr, environment } = io;
  const action = actionOf(options);
  const moveOf = action === 'resume' || action === 'abort' ? undefined : begin();
  const opened = await openGroup(io);
  await using _ = opened.offsets;
  const move = { group: options.group, ...((await moveOf?.(opened)) ?? { plan: async () => [] }) };
  const state = await runRequested(io, opened, move, (begun) => {
    if (!options.json) stderr.write(moveText(begun, { colours: hasColours(stderr, environment) }));
  });
  const shown = { ...state, ...defined({ notice: moveOf && noticeOf(io, opened, state) }) };
  printDocument(io, { schemaVersion: 2, ...moveDocument(shown) }, () =>
    moveText(shown, { colours: hasColours(io.stdout, environment) }),
  );
}

function noticeOf({ options }: GroupMoveIo, { cluster, broker }: OpenedGroup, { group, plans }: MoveState) {
  const { notice: language, window } = options;
  const move = {
    cluster,
    group,
    topics: plans.map(({ topic }) => topic),
    ...sumsOf(plans),
    mustStop: traitsOf(broker).mustStopToMoveOffsets,
  };
  return language && noticeText(offsetNotice(move), { window }, language);
}

export const groupOptions = { ...clusterOptions, group: groupOption };

export const moveOptions = {
  execute: flag('move the group, after you confirm the cluster; without it nothing is changed'),
  resume: flag('continue a move of the group that was interrupted'),
  abort: flag('roll back a move that was interrupted: restore the offsets from its backup'),
  ...leaseOptions,
  ...noticeOptions,
  json: flag('print one JSON document'),
};

export const aimOptions = {
  'to-time': text('TIME', 'to the first message at or after this time (with zone), such as 2026-11-11T00:00:00+08:00'),
  'to-offset': text('N', 'to this offset in each partition'),
  shift: text('N', 'forward by N messages from the current offsets; back with --shift=-N'),
  earliest: flag('to the oldest stored message'),
  latest: flag('to the end: all stored messages are skipped'),
};

export type GroupMoveIo = IoOf<typeof moveOptions & typeof groupOptions>;

/** For options that --resume and --abort take from the journal. @throws AppError usage */
export function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new AppError('usage', `--${name} is missing`);
}

/** Returns the target of the move. @throws AppError usage unless exactly one option is given and valid */
export function aimOf({ options, clock }: Pick<CommandIo, 'options' | 'clock'>): ResetTarget {
  const names = Object.keys(aimOptions) as (keyof typeof aimOptions)[];
  const given = names.filter((name) => options[name] !== undefined && options[name] !== false);
  const [name, another] = given;
  if (name === undefined || another !== undefined) {
    const all = names.map((each) => `--${each}`).join(', ');
    throw new AppError(
      'usage',
      `${name === undefined ? 'where to?' : `${given.map((each) => `--${each}`).join(' and ')} exclude each other:`} give one of ${all}`,
    );
  }
  const text = String(options[name]);
  switch (name) {
    case 'to-time':
      return { kind: 'time', atMs: momentOf(text, name, clock.now()) };
    case 'to-offset':
      if (!/^\d{1,18}$/.test(text))
        throw new AppError('usage', `--to-offset ${text}: an offset is a whole number, 0 or more`);
      return { kind: 'offset', offset: BigInt(text) };
    case 'shift':
      if (!/^[+-]?\d{1,18}$/.test(text) || BigInt(text) === 0n) {
        throw new AppError('usage', `--shift ${text}: a whole number of messages, such as --shift=100 or --shift=-100`);
      }
      return { kind: 'shift', by: BigInt(text) };
    case 'earliest':
    case 'latest':
      return { kind: name };
  }
}

/** Members of the document, without `schemaVersion`. */
function moveDocument({ cluster, group, plans, findings, status, after, backup, notice }: MoveState): object {
  const { skipped, repeated } = sumsOf(plans);
  return {
    cluster,
    group,
    status,
    presence: presenceDocument(plans[0]?.presence),
    partitions: plans.flatMap(({ topic, positions }) =>
      positions.map((each) => row(each, after?.get(topic)?.get(partitionText(each.position)))),
    ),
    ...defined({ skipped, repeated }),
    findings,
    ...(backup && { backup: backup.path, undo: backup.undo }),
    ...(notice !== undefined && { notice }),
  };
}

function presenceDocument(presence: GroupPresence | undefined): object {
  if (presence === undefined) return { kind: 'unknown' };
  if (presence.kind === 'unknown') return { kind: presence.kind, reason: presence.reason };
  if (presence.kind !== 'running') return { kind: presence.kind };
  const members = presence.members.map(({ id, clientId, address }) => defined({ id, clientId, address }));
  return { kind: presence.kind, members };
}

function row({ position, outcome }: PlannedPosition, after: GroupPosition | undefined): object {
  const { topic, partition, brokerName, start, end, committed } = position;
  return {
    ...defined({ topic, partition, brokerName, start, end, committed }),
    ...outcomeDocument(outcome),
    ...defined({ committedAfter: after?.committed }),
  };
}

function outcomeDocument(outcome: PlannedPosition['outcome']): object {
  if (outcome.kind !== 'move') return { [outcome.kind]: outcome.reason };
  const { target, skipped, repeated, lost, cutTo } = outcome;
  return defined({ target, skipped, repeated, lost, cutTo });
}

const columns = columnsOf(['TOPIC', 'PARTITION', '>START', '>END', '>NOW', '>TARGET', '>SKIPPED', '>REPEATED']);

const statusTexts = {
  planned: 'a plan, nothing was changed',
  'about-to-move': 'about to be moved',
  done: 'moved',
  'rolled-back': 'rolled back to the former offsets',
} as const satisfies Record<MoveState['status'], string>;

export function moveText(state: MoveState, { colours }: { colours: boolean }): string {
  const { cluster, group, plans, findings, status, after, backup, notice } = state;
  const rows = plans.flatMap(({ topic, positions }) =>
    positions.map(({ position, outcome }) => {
      const move = outcome.kind === 'move' ? outcome : undefined;
      return [
        topic,
        partitionText(position),
        ifKnown(position.start, countText),
        ifKnown(position.end, countText),
        position.committed === undefined ? 'never' : countText(position.committed),
        outcome.kind === 'stay' ? 'as it is' : ifKnown(move?.target, countText),
        ifKnown(move?.skipped, countText),
        ifKnown(move?.repeated, countText),
        ...(after ? [ifKnown(after.get(topic)?.get(partitionText(position))?.committed, countText)] : []),
      ];
    }),
  );
  const { skipped, repeated } = sumsOf(plans);
  const sums = [
    skipped === undefined
      ? 'the number of skipped messages is unknown'
      : `at most ${countText(skipped)} messages are skipped`,
    repeated === undefined ? 'the number of repeated ones is unknown' : `at most ${countText(repeated)} are repeated`,
  ].join(', ');
  const table = renderTable(after ? [...columns, { heading: 'AFTER', isFigure: true }] : columns, rows, { colours });
  return [
    `${plain(group)} on cluster ${plain(cluster)}: ${statusTexts[status]}; ${sums}\n`,
    table,
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...(backup ? [`backup: ${backup.path}\nundo:   ${backup.undo}\n`] : []),
    ...(status === 'planned' && !findings.some(({ severity }) => severity === 'critical')
      ? [`\n--execute moves the group, after a backup of its offsets\nundo: ${moveUndo(group)}\n`]
      : []),
    ...(notice === undefined ? [] : [`\n${notice}`]),
  ].join('');
}
