// Parses the reports of iostat -x, as text and as JSON.

import { z } from 'zod';
import { defined } from '../../../../core/defined.ts';
import type { CpuShares, DiskRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import {
  type HostToolImporter,
  leftOut,
  type PrintedTime,
  readNumber,
  readPercent,
  type ToolReading,
  unreadableReadings,
  shareOf,
} from './host-tool.ts';
import { readClock, readDates } from './printed-time.ts';
import { readSysstatHead } from './sysstat-rows.ts';
import { readJson, sysstatHost } from './sadf.ts';

// Parses iostat -x text of sysstat 9 to 12: reports of CPU and disks that each begin with a heading.

/*
 * Linux 6.18.44 (vm) 	11/20/26 	_x86_64_	(2 CPU)
 *
 * 11/20/26 13:52:56                                             with -t
 * avg-cpu:  %user   %nice %system %iowait  %steal   %idle       a report begins; the first is since boot
 *            0.00    0.00    0.50    0.00    0.00   99.50
 *
 * Device            r/s     rkB/s …     w/s     wkB/s … w_await …  aqu-sz  %util       `Device:` before sysstat 11.6
 * vda              0.00      0.00 …    1.00      8.00 …    0.00 …    0.00   0.00
 */
export const iostat = {
  tool: 'iostat -x',

  detect: (head) => /^Linux \S+ \(.*\)/m.test(head) && /^Device:?\s.*%util/m.test(head),

  import(text) {
    const { left, leave } = leftOut();
    const { hostName, cores } = readSysstatHead(text);
    const reports: Report[] = [];
    let columns: ReadonlyMap<string, number> | undefined;
    let expectsCpu = false;
    let time: PrintedTime | undefined;
    for (const line of text.split(/\r?\n/)) {
      if (line.startsWith('Linux ') || line.trim() === '') continue;
      const fields = line.trim().split(/\s+/);
      if (line.startsWith('avg-cpu:')) {
        reports.push({ ...(time && { at: time }), disks: [] });
        [time, columns, expectsCpu] = [undefined, undefined, true];
      } else if (/^Device:?$/.test(fields[0] ?? '')) {
        // iostat -d has no CPU report, so each table of disks is a report.
        if (reports.length === 0 || columns !== undefined) reports.push({ ...(time && { at: time }), disks: [] });
        columns = new Map(fields.map((word, index) => [word.replace(/:$/, ''), index]));
        time = undefined;
      } else if (expectsCpu) {
        const cpu = readCpu(fields);
        expectsCpu = false;
        const report = reports.at(-1);
        if (cpu && report) report.cpu = cpu;
        else leave('rows that were not understood');
      } else if (columns !== undefined && fields.length === columns.size) {
        const at = columns;
        const disk = readDisk((column) => fields[at.get(column) ?? -1]);
        if (disk) reports.at(-1)?.disks.push(disk);
        else leave('rows that were not understood');
      } else {
        const printed = readPrinted(line);
        if (printed) time = printed;
        else leave('rows that were not understood');
      }
    }
    if (reports.length < 2) {
      throw unreadableReadings(
        'iostat -x',
        reports.length === 0 ? 'no report found' : 'its only report is the mean since boot',
        'give what `iostat -xt 1` prints while the load runs',
      );
    }
    leave('first report, the mean since boot');
    return {
      ...defined({ hostName, cores }),
      // The zone is not printed, and the time only with -t.
      readings: reports.slice(1).map(({ at = { kind: 'order' }, cpu, disks }): ToolReading => ({
        at,
        host: { ...(cpu && { cpu }), ...(disks.length > 0 && { disks }) },
      })),
      left,
    };
  },
} satisfies HostToolImporter;

interface Report {
  at?: PrintedTime;
  cpu?: CpuShares;
  disks: DiskRates[];
}

/** `11/20/26 13:52:56`, `2026年11月20日 13时52分56秒`, with S_TIME_FORMAT=ISO `2026-11-20T13:52:56+0100`. */
function readPrinted(text: string): PrintedTime | undefined {
  const [iso, sign, hours, minutes] = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-])(\d\d):?(\d\d)/.exec(text) ?? [];
  if (iso !== undefined)
    return { kind: 'instant', epochMs: Date.parse(`${iso.slice(0, 19)}${sign}${hours}:${minutes}`) };
  const dates = readDates(text);
  const clock = readClock(text.replace(/^\S+/, ''));
  return dates.length > 0 && clock ? { kind: 'local', dates, secondOfDay: clock.secondOfDay } : undefined;
}

function readCpu(fields: readonly string[]): CpuShares | undefined {
  const [user, nice, system, iowait, steal, idle] = fields.map(readPercent);
  if (user === undefined || nice === undefined || system === undefined) return undefined;
  if (iowait === undefined || steal === undefined || idle === undefined) return undefined;
  return { user, nice, system, iowait, steal, idle };
}

function readDisk(cell: (column: string) => string | undefined): DiskRates | undefined {
  const device = cell('Device');
  const busy = readPercent(cell('%util'));
  const number = (column: string) => readNumber(cell(column));
  const units: readonly [string, number][] = [
    ['wkB/s', 1024],
    ['wMB/s', 2 ** 20],
    ['wsec/s', 512],
  ];
  const unit = units.find(([column]) => number(column) !== undefined);
  const written = unit && (number(unit[0]) ?? 0) * unit[1];
  if (device === undefined || busy === undefined || written === undefined) return undefined;
  return { device, busy, ...defined({ awaitSeconds: meanAwait(number) }), writtenBytesPerSecond: written };
}

/** Reads and writes have separate columns since sysstat 10.1.4; older and some later versions print only their mean. */
function meanAwait(number: (column: string) => number | undefined): number | undefined {
  const reads = number('r/s') ?? 0;
  const writes = number('w/s') ?? 0;
  if (reads + writes === 0) return undefined;
  const ofReads = number('r_await');
  const ofWrites = number('w_await');
  const all = number('await');
  if (ofReads !== undefined && ofWrites !== undefined)
    return (ofReads * reads + ofWrites * writes) / (reads + writes) / 1000;
  return all === undefined ? undefined : all / 1000;
}

const percent = z.number().nonnegative().transform(shareOf);
const Cpu = z.object({ user: percent, nice: percent, system: percent, iowait: percent, steal: percent, idle: percent });

const JsonReport = z.looseObject({
  timestamp: z.string().optional(),
  'avg-cpu': Cpu.optional(),
  disk: z.array(z.record(z.string(), z.union([z.string(), z.number()]))).optional(),
});
const Iostat = z.looseObject({
  sysstat: z.looseObject({ hosts: z.array(sysstatHost(z.array(JsonReport))).length(1) }),
});

/** Parses the JSON reports of iostat -x -o JSON. */
export const iostatJson = {
  tool: 'iostat -o JSON',

  detect: (head) => /^\s*\{\s*"sysstat"/.test(head) && /"avg-cpu"|"disk_device"/.test(head),

  import(text) {
    const [host] = readJson(text, Iostat, 'iostat -o JSON').sysstat.hosts;
    const reports = host?.statistics ?? [];
    if (reports.length < 2) {
      throw unreadableReadings(
        'iostat -o JSON',
        'its only report is the mean since boot',
        'give what `iostat -xt -o JSON 1 COUNT` prints while the load runs',
      );
    }
    return {
      ...defined({ hostName: host?.nodename, cores: host?.['number-of-cpus'] }),
      readings: reports.slice(1).map(({ timestamp, disk, 'avg-cpu': cpu }): ToolReading => {
        const disks = (disk ?? []).flatMap(
          (each) => readDisk((column) => String(each[jsonNames[column] ?? column] ?? '')) ?? [],
        );
        return {
          at: (timestamp === undefined ? undefined : readPrinted(timestamp)) ?? { kind: 'order' },
          host: { ...(cpu && { cpu }), ...(disks.length > 0 && { disks }) },
        };
      }),
      left: new Map([['first report, the mean since boot', 1]]),
    };
  },
} satisfies HostToolImporter;

/** Columns with another name in JSON than in text. */
const jsonNames: Readonly<Record<string, string>> = { Device: 'disk_device', '%util': 'util' };
