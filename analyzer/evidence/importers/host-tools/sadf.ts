// Parses sadf -j, the JSON of sysstat recordings, in the spellings of its versions.

import { z } from 'zod';
import { defined } from '../../../../core/defined.ts';
import { getOrMake } from '../../../../core/get-or-make.ts';
import type { HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { type HostToolImporter, leftOut, type PrintedTime, type ToolReading, unreadableReadings } from './host-tool.ts';
import { readClock, readDates } from './printed-time.ts';
import { sysstatBlocks, type SysstatBlock } from './sysstat-rows.ts';

/** A row of a report by its columns, whose names differ slightly from those that sar prints. */
const Row = z.looseObject({});

const Statistics = z.looseObject({
  timestamp: z.looseObject({
    date: z.string(),
    time: z.string(),
    utc: z.number().optional(),
    tz: z.string().optional(),
    interval: z.number().nonnegative(),
  }),
  'cpu-load': z.array(Row).optional(),
  'cpu-load-all': z.array(Row).optional(),
  memory: Row.optional(),
  queue: Row.optional(),
  disk: z.array(Row).optional(),
  network: z.looseObject({ 'net-dev': z.array(Row).optional(), 'net-edev': z.array(Row).optional() }).optional(),
});
type Statistics = z.infer<typeof Statistics>;

/** A host in a JSON report of sysstat. */
export const sysstatHost = <Statistics extends z.ZodType>(statistics: Statistics) =>
  z.looseObject({
    nodename: z.string().optional(),
    'number-of-cpus': z.number().int().positive().optional(),
    statistics,
  });

const Sadf = z.looseObject({
  sysstat: z.looseObject({ hosts: z.array(sysstatHost(z.array(z.unknown()).default([]))).min(1) }),
});

export const sadf = {
  tool: 'sadf -j',

  detect: (head) => /^\s*\{\s*"sysstat"/.test(head) && /"file-date"|"cpu-load/.test(head),

  import(text) {
    const { left, leave } = leftOut();
    const { hosts } = readJson(text, Sadf, 'sadf -j').sysstat;
    const [host, ...others] = hosts;
    if (others.length > 0)
      throw unreadableReadings('sadf -j', 'it is of several machines', 'give one file per machine');
    const readings: ToolReading[] = [];
    for (const each of host?.statistics ?? []) {
      const parsed = Statistics.safeParse(each);
      if (!parsed.success) {
        leave('entries that were not understood');
        continue;
      }
      const { date, time, utc, tz, interval } = parsed.data.timestamp;
      const at = readTime(date, time, utc === 1 || tz === 'UTC');
      // An entry without an interval is the first since boot, a mean over days.
      if (at === undefined || interval === 0) leave('entries without a time or an interval');
      else readings.push({ at, intervalSeconds: interval, host: readRates(parsed.data, leave) });
    }
    if (readings.length === 0) throw unreadableReadings('sadf -j', 'it holds no statistics');
    return defined({ hostName: host?.nodename, cores: host?.['number-of-cpus'], readings, left });
  },
} satisfies HostToolImporter;

/** @throws AppError readings-unreadable */
export function readJson<T>(text: string, schema: z.ZodType<T>, tool: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unreadableReadings(tool, `not JSON: ${(cause as Error).message}`, 'was it cut off while it was written?');
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unreadableReadings(tool, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'of another shape'}`);
}

function readTime(date: string, time: string, isUtc: boolean): PrintedTime | undefined {
  const [day] = readDates(date);
  const clock = readClock(time);
  if (day === undefined || clock === undefined) return undefined;
  if (!isUtc) return { kind: 'local', dates: [day], secondOfDay: clock.secondOfDay };
  return { kind: 'instant', epochMs: Date.UTC(day.year, day.month - 1, day.day) + clock.secondOfDay * 1000 };
}

/** @returns rows by block, the drops of the cards after the cards */
function rowsOf({ memory, queue, disk, network, ...cpu }: Statistics): [SysstatBlock, z.infer<typeof Row>[]][] {
  return [
    ['cpu', cpu['cpu-load'] ?? cpu['cpu-load-all'] ?? []],
    ['load', queue ? [queue] : []],
    // Older versions write only free memory.
    ['memory', memory?.['avail'] === undefined ? [] : [memory]],
    ['disks', disk ?? []],
    ['links', network?.['net-dev'] ?? []],
    ['drops', network?.['net-edev'] ?? []],
  ];
}

/** Names in JSON, by name of sar: usually the same without percent sign, unit and `/s`. */
const jsonNames = new Map([
  ['CPU', 'cpu'],
  ['DEV', 'disk-device'],
  ['IFACE', 'iface'],
  ['%util', 'util-percent'],
]);
const jsonNameOf = (column: string) => getOrMake(jsonNames, column, () => column.replaceAll(/^(?:%|kb)|\/s$/g, ''));

function readRates(statistics: Statistics, leave: (what: string) => void): HostRates {
  const rates: HostRates = {};
  for (const [block, rows] of rowsOf(statistics)) {
    for (const row of rows) {
      const cell = (column: string) => {
        const value = row[jsonNameOf(column)];
        return typeof value === 'number' || typeof value === 'string' ? String(value) : undefined;
      };
      if (!sysstatBlocks[block](cell, rates)) leave('rows that were not understood');
    }
  }
  return rates;
}
