// Declares and reads the options of `plimsoll analyze FILE…` for facts that files of other tools lack.

import { basename } from 'node:path';
import type { JoinOptions } from '../../analyzer/evidence/importers/joined/joined-run.ts';
import type { PerFile } from '../../analyzer/evidence/importers/joined/load-clock.ts';
import { readColumnNames } from '../../analyzer/evidence/importers/load-tests/columns-csv.ts';
import { AppError } from '../../core/errors.ts';
import { zonedMs } from '../../core/local-moment.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import { type CommandIo, isGiven, list, number, option, type OptionValues, text } from '../command.ts';

export const joinOptions = {
  start: list(
    '[FILE=]TIME',
    'start time of the tool (OpenMessaging: start of the measured time, the line `Starting benchmark traffic`), for files without time stamps (ISO 8601)',
  ),
  'clock-offset': list('[FILE=]TIME', 'correction of the clock of a file, such as +8h or -3s'),
  timezone: text('ZONE', 'time zone of tools that print local time, such as Asia/Shanghai or +08:00'),
  interval: number('SECONDS', 'interval between readings, if the tool prints no time'),
  rate: list('[FILE=]MSGS', 'target rate in messages per second, if the file does not contain it'),
  'message-size': option('SIZE', 'message size, such as 500B, if no file contains it', Size.optional()),
  nic: list(
    '[HOST[:CARD]=]SPEED',
    'speed of a network card per direction, such as mq-1=1gbit (default card: the busiest)',
  ),
  cores: list('[HOST=]N', 'number of cores of a host, if its tool does not report it'),
  memory: list('[HOST=]SIZE', 'memory of a host, such as 48GiB'),
  host: list('FILE=HOST', 'host of the readings (default: the name in the file, or the file name)'),
  generator: text('HOST', 'host that generated the load; the others are brokers'),
  cluster: text('NAME', 'name of the cluster in the report'),
  columns: text(
    'ROLE=COLUMN,…',
    'columns of your CSV file: time and rate; optional: offered, consumed, failed, all per second',
  ),
};

/** All are optional, since no file needs all of them. */
type GivenJoin = Partial<OptionValues<typeof joinOptions>>;
export type JoinIo = CommandIo<GivenJoin>;
type PerName = 'start' | 'clock-offset' | 'rate' | 'cores' | 'memory';

/** @throws AppError usage */
export function readJoinOptions(options: GivenJoin, files: readonly string[]): JoinOptions {
  const { columns, nic = [], host = [] } = options;
  const perFile = (option: PerName, read: (text: string) => number) =>
    readPerName(options, option, read, (name) => fileNamed(option, name, files));
  const perHost = (option: PerName, read: (text: string) => number) =>
    readPerName(options, option, read, (name) => [name]);
  return {
    starts: perFile('start', readStart),
    clockOffsets: perFile('clock-offset', readOffset),
    rates: perFile('rate', (text) => positive('rate', text)),
    hosts: {
      cores: perHost('cores', (text) => positive('cores', text)),
      memoryBytes: perHost('memory', (text) => parsed(Size, text, 'memory')),
      links: nic.map(readLink),
      names: new Map(
        host.flatMap((word) => {
          const { name, value } = split(word);
          if (name === undefined || value === '')
            throw new AppError('usage', `--host: ${JSON.stringify(word)} is not FILE=HOST`);
          return fileNamed('host', name, files).map((file) => [file, value] as const);
        }),
      ),
    },
    generatorHost: options.generator,
    timezone: options.timezone,
    intervalSeconds: options.interval,
    messageBytes: options['message-size'],
    cluster: options.cluster,
    columns: columns === undefined ? undefined : readColumnNames(columns),
  };
}

/** @throws AppError usage: the options do not apply to bundles or production, which record these facts */
export function refuseJoinOptions(
  options: CommandIo['options'],
  names: readonly string[],
  instead = 'a run bundle contains this',
): void {
  const given = names.filter((name) => isGiven(options[name]));
  if (given.length === 0) return;
  throw new AppError('usage', `--${given[0]} is for files of other tools; ${instead}`, {
    hint: '`plimsoll import readings` puts readings of machines into a bundle',
  });
}

function readPerName(
  options: GivenJoin,
  option: PerName,
  read: (text: string) => number,
  keys: (name: string) => readonly string[],
): PerFile {
  let all: number | undefined;
  const byFile = new Map<string, number>();
  for (const word of options[option] ?? []) {
    const { name, value } = split(word);
    if (name === undefined) all = read(value);
    else for (const key of keys(name)) byFile.set(key, read(value));
  }
  return { ...(all !== undefined && { all }), byFile };
}

/** Finds a file by its path as typed, or by its base name. @throws AppError usage if there is none */
function fileNamed(option: string, name: string, files: readonly string[]): readonly string[] {
  const found = files.filter((file) => [file, basename(file)].includes(name) || file === basename(name));
  if (found.length > 0) return found;
  throw new AppError('usage', `--${option}: ${JSON.stringify(name)} is not one of the files`, {
    hint: `the files are ${files.map((file) => basename(file)).join(', ')}`,
  });
}

function split(word: string): { name?: string; value: string } {
  const at = word.lastIndexOf('=');
  return at < 0 ? { value: word } : { name: word.slice(0, at), value: word.slice(at + 1) };
}

function readStart(text: string): number {
  const ms = zonedMs(text);
  if (!Number.isNaN(ms)) return ms;
  throw new AppError('usage', `--start: ${JSON.stringify(text)} is not a time with a zone`, {
    hint: 'write it like 2026-01-01T12:00:00+08:00 or 2026-01-01T04:00:00Z',
  });
}

const offsetUnits: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, '': 1 };

function readOffset(text: string): number {
  const [, sign, digits, unit = ''] = /^([+-]?)(\d{1,9}(?:\.\d{1,6})?)(ms|[smhd])?$/.exec(text) ?? [];
  const factor = offsetUnits[unit];
  if (digits !== undefined && factor !== undefined) return (sign === '-' ? -1 : 1) * Number(digits) * factor;
  throw new AppError('usage', `--clock-offset: ${JSON.stringify(text)} is not a duration`, {
    hint: 'write it like sar.txt=+8h or -3s',
  });
}

function readLink(word: string): JoinOptions['hosts']['links'][number] {
  const { name, value } = split(word);
  const bitsPerSecond = parsed(BitRate, value, 'nic');
  const at = name?.indexOf(':') ?? -1;
  if (name === undefined) return { bitsPerSecond };
  return at < 0
    ? { host: name, bitsPerSecond }
    : { host: name.slice(0, at), device: name.slice(at + 1), bitsPerSecond };
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new AppError('usage', `--${option}: ${JSON.stringify(text)} is not a number above 0`);
}

function parsed(schema: typeof Size | typeof BitRate, text: string, option: string): number {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new AppError('usage', `--${option}: ${result.error.issues[0]?.message ?? text}`);
}
