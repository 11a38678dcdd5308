// Declares the options of the commands that read or move the offsets of a group.

import { AppError } from '../../core/errors.ts';
import type { ResetTarget } from '../../ops/offsets/reset-target.ts';
import { momentOf } from '../../ops/offsets/moment.ts';
import { groupOption } from '../change/administration-options.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { clusterOptions } from '../cluster-option.ts';
import { type CommandIo, flag, type OptionValues, text } from '../command.ts';
import { noticeOptions } from '../reassign/notice-language.ts';

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

export type MoveIo = CommandIo<OptionValues<typeof moveOptions>>;
export type GroupMoveIo = CommandIo<OptionValues<typeof moveOptions & typeof groupOptions>>;

/** For options that --resume and --abort take from the journal. @throws AppError usage */
export function required(value: string | undefined, name: string, missing: string): string {
  if (value !== undefined) return value;
  throw new AppError('usage', `${missing} --${name} is missing`);
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
