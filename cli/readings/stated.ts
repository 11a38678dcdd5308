// Declares the options of `plimsoll import readings`: what the user states about the readings.

import { z } from 'zod';
import type { ClockOptions } from '../../analyzer/evidence/importers/host-tools/align.ts';
import { AppError } from '../../core/errors.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import type { OptionValues } from '../command.ts';
import { Amount, flag, list, number, option, PositiveAmount, text } from '../option.ts';
import type { LoadTest } from '../../app/readings/import-file.ts';

/** @throws AppError not-found for a broker the run does not know, usage for a host no broker is on */
export function brokerOf(
  { environment, cluster }: LoadTest,
  host: string,
  broker: string | undefined,
): string | undefined {
  const ids = environment.brokers.map(({ id }) => id);
  if (broker !== undefined) {
    if (ids.includes(broker)) return broker;
    throw new AppError('not-found', `the run of ${cluster} has no broker ${broker}`, {
      hint: `it has ${ids.join(', ')}`,
    });
  }
  const hosts = [
    ...environment.hosts.map((each) => each.host),
    ...environment.brokers.flatMap((each) => each.host ?? []),
  ];
  if (hosts.includes(host)) return undefined;
  throw new AppError('usage', `run.json names no host ${host}: --broker is needed, to say which broker ran on it`, {
    hint: `brokers of the run: ${ids.join(', ')}; hosts: ${[...new Set(hosts)].join(', ') || 'none'}`,
  });
}

const ZonedTime = z.string().transform((typed, context) => {
  const ms = Date.parse(typed);
  if (!Number.isNaN(ms) && /(?:Z|[+-]\d\d:?\d\d)$/.test(typed)) return ms;
  context.addIssue(`${JSON.stringify(typed)} is not a time with a zone`);
  return z.NEVER;
});

const CardSpeed = z.string().transform((typed, context) => {
  const [, device, speed] = /^([^=]+)=(.+)$/.exec(typed) ?? [];
  const { data: bitsPerSecond, error } = BitRate.safeParse(speed);
  if (device !== undefined && bitsPerSecond !== undefined) return { device, bitsPerSecond };
  context.addIssue(
    device === undefined
      ? `${JSON.stringify(typed)} is not CARD=SPEED, such as eth0=1gbit`
      : (error?.issues[0]?.message ?? typed),
  );
  return z.NEVER;
});

export const importOptions = {
  run: option('RUN', 'folder of the run bundle', z.string(), { missing: 'the bundle that the readings belong to' }),
  host: option('NAME', 'machine the readings are of, as run.json names it', z.string(), {
    missing: 'the machine the readings are of, as run.json names it',
  }),
  broker: text('ID', 'broker that ran on it, if run.json does not contain it'),
  timezone: text('ZONE', 'time zone of that machine, such as Asia/Shanghai or +08:00, if the tool prints local time'),
  start: option('TIME', 'when its first line was printed (ISO 8601), if it prints no time', ZonedTime.optional(), {
    hint: 'write it like 2026-01-01T12:00:00+08:00 or 2026-01-01T04:00:00Z',
  }),
  interval: option('SECONDS', 'time between two readings, if the tool prints no time', PositiveAmount.optional()),
  'clock-offset': option(
    'SECONDS',
    'added to every time: how far the clock of that machine was behind (default 0)',
    Amount.default(0),
  ),
  cores: number('N', 'cores of the machine, if neither the tool nor run.json contains them'),
  memory: option('SIZE', 'memory of the machine, such as 48GiB, if neither contains it', Size.optional()),
  link: list(
    'CARD=SPEED',
    'speed of a network card per direction, such as eth0=1gbit; may be given several times',
    CardSpeed,
  ),
  json: flag('print one JSON document: { schemaVersion, imports }'),
};

type ImportOptions = OptionValues<typeof importOptions>;

export const clockOf = (options: ImportOptions): ClockOptions => ({
  timezone: options.timezone,
  startMs: options.start,
  intervalSeconds: options.interval,
  offsetSeconds: options['clock-offset'],
});

export const statedInventory = ({ cores, memory, link }: ImportOptions, host: string): HostInventory => ({
  host,
  ...(cores !== undefined && { cores }),
  ...(memory !== undefined && { memoryBytes: memory }),
  ...(link.length > 0 && {
    networkDevices: link.map(({ device, bitsPerSecond }) => ({
      device,
      speed: { bitsPerSecond, source: 'stated at import' },
    })),
  }),
});
