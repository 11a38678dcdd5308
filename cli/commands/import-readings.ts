// How do readings somebody took with top, sar, iostat or jstat come into a run? Each file becomes telemetry of its bundle.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { readRunDocument } from '../../analyzer/importers/bundle.ts';
import { alignReadings, type ClockOptions } from '../../analyzer/importers/host-tools/align.ts';
import { hostToolOf } from '../../analyzer/importers/host-tools/registry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { HostInventory } from '../../core/host-reading.ts';
import type { ImportedLine } from '../../core/imported-telemetry.ts';
import { BitRate, Size } from '../../core/quantity.ts';
import type { RunDocument } from '../../core/run-bundle.ts';
import type { Command, CommandIo } from '../command.ts';
import { writeImport } from '../imported-telemetry.ts';
import { numberOption } from '../number-option.ts';

/** A day of `sadf -j -- -A` at one second of a machine with 64 cores is less. */
const largestFile = 512 * 2 ** 20;

export const importReadingsCommand = {
  name: 'import readings',
  summary: 'Make telemetry of a run from what top, free, iostat, vmstat, sar, sadf or jstat printed while it ran.',
  positionals: 'FILE…',
  options: {
    run: { type: 'string', value: 'RUN', help: 'folder of the run bundle' },
    host: { type: 'string', value: 'NAME', help: 'machine the readings are of, as run.json names it' },
    broker: { type: 'string', value: 'ID', help: 'broker that ran on it, where run.json does not tell' },
    timezone: {
      type: 'string',
      value: 'ZONE',
      help: 'zone of that machine, such as Asia/Shanghai or +08:00, where the tool prints local time',
    },
    start: {
      type: 'string',
      value: 'TIME',
      help: 'when its first line was printed (ISO 8601), where it prints no time',
    },
    interval: { type: 'string', value: 'SECONDS', help: 'between two readings, where the tool prints no time' },
    'clock-offset': {
      type: 'string',
      value: 'SECONDS',
      help: 'added to every time: by how much the clock of that machine was behind (default 0)',
    },
    cores: { type: 'string', value: 'N', help: 'cores of the machine, where neither the tool nor run.json tells' },
    memory: { type: 'string', value: 'SIZE', help: 'memory of the machine, such as 48GiB, where neither tells' },
    link: {
      type: 'string',
      value: 'CARD=SPEED',
      multiple: true,
      help: 'speed of a network card per direction, such as eth0=1gbit; may be given several times',
    },
    json: { type: 'boolean', help: 'print one JSON document: { schemaVersion, imports }' },
  },
  examples: [
    'plimsoll import readings sar.txt --run runs/20260101-120000 --host mq-1 --timezone Asia/Shanghai --link eth0=1gbit',
    'plimsoll import readings vmstat.txt --run runs/20260101-120000 --host mq-1 --start 2026-01-01T12:00:00+08:00 --interval 1',
  ],

  async run(io) {
    const { positionals: files, options, stdout, signal } = io;
    const directory = stringOption(options, 'run');
    const host = stringOption(options, 'host');
    if (files.length === 0) throw new AppError('usage', 'no file is given: name what the tools printed');
    if (directory === undefined) throw new AppError('usage', '--run is needed: the bundle that the readings belong to');
    if (host === undefined) {
      throw new AppError('usage', '--host is needed: the machine the readings are of, as run.json names it');
    }
    const document = await readRunDocument(directory, signal);
    if (document.origin === 'readings') {
      throw new AppError(
        'usage',
        `${directory} is made of written figures: it has no clock readings could be placed on`,
        {
          hint: 'give the bundle of a load test',
        },
      );
    }
    const broker = brokerOf(document, host, stringOption(options, 'broker'));
    const inventory = statedInventory(options, host);
    const clock = clockOf(options);
    // All are read before the first is written: a mistake in the last one changes nothing.
    const imports = [];
    for (const file of files)
      imports.push(await importFile(file, { document, host, broker, inventory, clock, signal }));
    const reports = [];
    for (const { lines, report } of imports) reports.push({ ...report, ...(await writeImport(directory, lines)) });
    stdout.write(
      options['json'] === true
        ? `${JSON.stringify({ schemaVersion: 1, imports: reports }, undefined, 2)}\n`
        : reports.map(renderText).join(''),
    );
    return exitCodes.answered;
  },
} satisfies Command;

type LoadTest = Extract<RunDocument, { origin: 'load-test' }>;

interface Report {
  source: string;
  tool: string;
  readings: number;
  from: string;
  to: string;
  left: { what: string; count: number }[];
}

async function importFile(
  path: string,
  given: {
    document: LoadTest;
    host: string;
    broker: string | undefined;
    inventory: HostInventory;
    clock: ClockOptions;
    signal: AbortSignal;
  },
): Promise<{ lines: ImportedLine[]; report: Report }> {
  const { document, host, broker, clock } = given;
  const content = await readBounded(path, given.signal);
  try {
    const text = content.toString('utf8');
    const importer = hostToolOf(text);
    const { hostName, cores, readings, left } = importer.import(text);
    const run = {
      startedAtMs: Date.parse(document.startedAt),
      plannedSeconds: document.steps.reduce(
        (sum, { durationSeconds }) => sum + durationSeconds,
        document.warmUpSeconds,
      ),
    };
    const aligned = alignReadings(readings, run, clock);
    const inventory: HostInventory = { ...(cores !== undefined && { cores }), ...given.inventory };
    requireCores(document, inventory, aligned.lines);
    const header: ImportedLine = {
      kind: 'import',
      schemaVersion: 1,
      tool: importer.tool,
      host,
      ...(broker !== undefined && { broker }),
      source: {
        name: basename(path),
        bytes: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      },
      inventory,
      clockOffsetSeconds: clock.offsetSeconds,
    };
    const times = aligned.lines.map(({ elapsedSeconds }) => run.startedAtMs + elapsedSeconds * 1000);
    const counts = [...left, ...aligned.left].map(([what, count]) => ({ what, count }));
    if (hostName !== undefined && hostName !== host) {
      counts.push({ what: `the name ${hostName}, by which the machine calls itself`, count: 1 });
    }
    return {
      lines: [header, ...aligned.lines],
      report: {
        source: path,
        tool: importer.tool,
        readings: aligned.lines.length,
        from: new Date(Math.min(...times)).toISOString(),
        to: new Date(Math.max(...times)).toISOString(),
        left: counts,
      },
    };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError(cause.code, `${path}: ${cause.message}`, { cause, hint: cause.hint });
  }
}

/** @throws AppError usage: shares of the CPU are of no use without knowing of how many cores */
function requireCores(document: LoadTest, inventory: HostInventory, lines: readonly ImportedLine[]): void {
  const hasCpu = lines.some((line) => line.kind === 'host-rates' && line.rates.cpu !== undefined);
  const known = inventory.cores ?? document.environment.hosts.find(({ host }) => host === inventory.host)?.cores;
  if (!hasCpu || known !== undefined) return;
  throw new AppError('usage', '--cores is needed: neither the tool nor run.json tells how many cores the machine has');
}

/** @throws AppError not-found for a broker the run does not know, usage for a host no broker is on */
function brokerOf({ environment, cluster }: LoadTest, host: string, broker: string | undefined): string | undefined {
  const ids = environment.brokers.map(({ id }) => id);
  if (broker !== undefined) {
    if (ids.includes(broker)) return broker;
    throw new AppError('not-found', `the run of ${cluster} knows no broker ${broker}`, {
      hint: `it knows ${ids.join(', ')}`,
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

function clockOf(options: CommandIo['options']): ClockOptions {
  const start = stringOption(options, 'start');
  const startMs = start === undefined ? undefined : Date.parse(start);
  if (start !== undefined && (startMs === undefined || Number.isNaN(startMs) || !/(?:Z|[+-]\d\d:?\d\d)$/.test(start))) {
    throw new AppError('usage', `--start: ${JSON.stringify(start)} is no time with a zone`, {
      hint: 'write it like 2026-01-01T12:00:00+08:00 or 2026-01-01T04:00:00Z',
    });
  }
  const intervalSeconds = numberOption(options, 'interval');
  if (intervalSeconds !== undefined && !(intervalSeconds > 0)) {
    throw new AppError('usage', '--interval: an interval is more than 0 seconds');
  }
  return {
    timezone: stringOption(options, 'timezone'),
    startMs,
    intervalSeconds,
    offsetSeconds: numberOption(options, 'clock-offset') ?? 0,
  };
}

function statedInventory(options: CommandIo['options'], host: string): HostInventory {
  const cores = numberOption(options, 'cores');
  const memory = stringOption(options, 'memory');
  const links = options['link'];
  return {
    host,
    ...(cores !== undefined && { cores }),
    ...(memory !== undefined && { memoryBytes: parsed(Size, memory, 'memory') }),
    ...(Array.isArray(links) &&
      links.length > 0 && {
        networkDevices: links.map((link: string) => {
          const [, device, speed] = /^([^=]+)=(.+)$/.exec(link) ?? [];
          if (device === undefined || speed === undefined) {
            throw new AppError('usage', `--link: ${JSON.stringify(link)} is not CARD=SPEED, such as eth0=1gbit`);
          }
          return { device, speed: { bitsPerSecond: parsed(BitRate, speed, 'link'), source: 'stated at import' } };
        }),
      }),
  };
}

function parsed(schema: typeof Size | typeof BitRate, text: string, option: string): number {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new AppError('usage', `--${option}: ${result.error.issues[0]?.message ?? text}`);
}

function stringOption(options: CommandIo['options'], name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

async function readBounded(path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size <= largestFile) return await readFile(path, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : message;
    throw new AppError(code === 'EACCES' ? 'no-permission' : 'readings-unreadable', `cannot read ${path}: ${why}`, {
      cause,
    });
  }
  throw new AppError('readings-unreadable', `cannot read ${path}: it is larger than ${largestFile} bytes`, {
    hint: 'cut it to the time of the run',
  });
}

function renderText({
  source,
  tool,
  readings,
  from,
  to,
  left,
  kind,
  file,
}: Report & { kind: string; file: string }): string {
  const lines = [
    kind === 'written'
      ? `${source}: ${readings} readings of ${tool}, ${from} to ${to}, are now in ${file}`
      : `${source}: was imported before, it is in ${file}`,
    ...left.map(({ what, count }) => `  left out: ${what}${count === 1 ? '' : ` (${count})`}`),
  ];
  return `${lines.join('\n')}\n`;
}
