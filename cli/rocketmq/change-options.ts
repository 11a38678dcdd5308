// Defines the options that every command that changes a RocketMQ cluster has.

import { AppError } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import { seconds, type Seconds } from '../../core/units.ts';
import { leaseOptions } from '../change/command-lease.ts';
import { clusterOptions } from '../cluster-option.ts';
import type { CommandIo, Option } from '../command.ts';
import { noticeOptions } from '../reassign/notice-language.ts';

const { config, cluster, namesrv } = clusterOptions;
export const rocketmqClusterOptions = { config, cluster, namesrv };

export const changeOptions = {
  ...rocketmqClusterOptions,
  execute: { type: 'boolean', help: 'carry the plan out; without it nothing is changed' },
  resume: { type: 'boolean', help: 'go on with a change that was begun, from where it stands' },
  abort: { type: 'boolean', help: 'roll back a change, as far as its steps have a rollback' },
  wait: {
    type: 'string',
    value: 'DURATION',
    help: 'how long to stay while a step is held back, such as 0s or 3d (default 5m); --resume goes on later',
  },
  ...leaseOptions,
  ...noticeOptions,
  domain: { type: 'string', value: 'NAME', multiple: true, help: 'a business domain for the notice' },
  json: { type: 'boolean', help: 'print one JSON document' },
} as const satisfies Record<string, Option>;

/** Two looks at the routes of a client of Java (pollNameServerInterval, 30 s). */
const quietSeconds = 60;

/** Of changes that wait until queues are read out. */
export const drainOptions = {
  quiet: {
    type: 'string',
    value: 'DURATION',
    help: `how long nothing of a client may come in as proof (default ${quietSeconds}s)`,
  },
  'ignore-group': {
    type: 'string',
    value: 'GROUP',
    multiple: true,
    help: 'a group whose unread messages are not needed; counts with --resume too',
  },
  'give-up-replay': {
    type: 'boolean',
    help: 'do not wait until the retention is over: messages there are not read again; counts with --resume too',
  },
} as const satisfies Record<string, Option>;

/** @throws AppError usage */
export function quietOption(options: CommandIo['options']): Seconds {
  const quiet = durationOption(options, 'quiet', quietSeconds);
  if (quiet > 0) return quiet;
  throw new AppError('usage', '--quiet: no time is no proof');
}

/** @throws AppError usage */
export function durationOption(options: CommandIo['options'], name: string, otherwise: number): Seconds {
  const given = options[name];
  if (typeof given !== 'string') return seconds(otherwise);
  const parsed = Duration.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new AppError('usage', `--${name}: ${parsed.error.issues[0]?.message ?? 'not understood'}`);
}

/** @throws AppError usage when it is missing */
export function textOption(options: CommandIo['options'], name: string, what: string): string {
  const given = options[name];
  if (typeof given === 'string' && given !== '') return given;
  throw new AppError('usage', `--${name} is missing: ${what}`);
}

export function manyOption(options: CommandIo['options'], name: string): string[] {
  const given = options[name];
  return Array.isArray(given) ? (given as string[]) : typeof given === 'string' ? [given] : [];
}
