// Imports readings of top, sar, iostat or jstat into a run bundle as telemetry.

import { z } from 'zod';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { AppError } from '../../core/errors.ts';
import {
  Amount,
  defineCommand,
  flag,
  list,
  number,
  option,
  type OptionValues,
  PositiveAmount,
  printDocument,
  text,
} from '../command.ts';
import {
  importFile,
  readRunTime,
  type LoadTest,
  type Report,
  storedImport,
  writeImport,
  type Written,
} from '../../app/readings/import-file.ts';
import { defined } from '../../core/defined.ts';
import type { ClockOptions } from '../../analyzer/evidence/importers/host-tools/align.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { ZonedTime } from '../../core/local-moment.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';

/** @throws AppError not-found for a broker that the run does not know, usage for a host without a broker */
function brokerOf({ environment, cluster }: LoadTest, host: string, broker: string | undefined): string | undefined {
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

const importOptions = {
  run: option('RUN', 'folder of the run bundle', z.string()),
  host: option('NAME', 'machine the readings are of, as run.json names it', z.string()),
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

const clockOf = (options: ImportOptions): ClockOptions => ({
  timezone: options.timezone,
  startMs: options.start,
  intervalSeconds: options.interval,
  offsetSeconds: options['clock-offset'],
});

const statedInventory = ({ cores, memory, link }: ImportOptions, host: string): HostInventory => ({
  host,
  ...defined({ cores, memoryBytes: memory }),
  ...(link.length > 0 && {
    networkDevices: link.map(({ device, bitsPerSecond }) => ({
      device,
      speed: { bitsPerSecond, source: 'stated at import' },
    })),
  }),
});

export const importReadingsCommand = defineCommand({
  positionals: 'FILE…',
  options: importOptions,
  examples: [
    'plimsoll import readings sar.txt --run runs/20260101-120000 --host mq-1 --timezone Asia/Shanghai --link eth0=1gbit',
    'plimsoll import readings vmstat.txt --run runs/20260101-120000 --host mq-1 --start 2026-01-01T12:00:00+08:00 --interval 1',
  ],

  async run(io) {
    const { positionals: files, options, signal } = io;
    const { run: directory, host } = options;
    if (files.length === 0) throw new AppError('usage', 'no file given: give the files with the output of the tools');
    const document = await readRunDocument(directory, signal);
    if (document.origin !== 'load-test') {
      throw new AppError(
        'usage',
        document.origin === 'redline'
          ? `${directory} is a redline, which already has host readings`
          : `${directory} has manually entered readings without timestamps, so other readings cannot be matched`,
        {
          hint: 'give the bundle of a load test',
        },
      );
    }
    const broker = brokerOf(document, host, options.broker);
    const inventory = statedInventory(options, host);
    const clock = clockOf(options);
    // Reads all before it writes one: an error in the last changes nothing.
    const imports = [];
    const given = { document, time: await readRunTime(directory, io), host, broker, inventory, clock, signal };
    for (const file of files) {
      const read = await importFile(file, given);
      await storedImport(directory, read.lines);
      imports.push(read);
    }
    const reports: (Report & Written)[] = [];
    for (const { lines, report } of imports) reports.push({ ...report, ...(await writeImport(directory, lines)) });
    printDocument(io, { schemaVersion: 1, imports: reports }, () => reports.map(renderText).join(''));
  },
});

function renderText({ source, tool, readings, from, to, left, kind, file }: Report & Written): string {
  const lines = [
    kind === 'written'
      ? `${source}: ${readings} readings of ${tool}, ${from} to ${to}, are now in ${file}`
      : `${source}: already imported, in ${file}`,
    ...left.map(({ what, count }) => `  left out: ${what}${count === 1 ? '' : ` (${count})`}`),
  ];
  return `${lines.join('\n')}\n`;
}
