// Parses sadf -j, the JSON of sysstat recordings, in the spellings of its versions.

import { z } from 'zod';
import { defined } from '../../../../core/defined.ts';
import type { DiskRates, HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { type HostToolImporter, type PrintedTime, shareOf, type ToolReading, unreadableReadings } from './host-tool.ts';
import { readClock, readDates } from './printed-time.ts';

const kibibyte = 1024;

const number = z.number().nonnegative();
const percent = number.transform(shareOf);

const Cpu = z.looseObject({
  cpu: z.string(),
  user: percent.optional(),
  usr: percent.optional(),
  nice: percent.optional(),
  system: percent.optional(),
  sys: percent.optional(),
  iowait: percent.optional(),
  steal: percent.optional(),
  irq: percent.optional(),
  soft: percent.optional(),
  idle: percent,
});

const Statistics = z.looseObject({
  timestamp: z.looseObject({
    date: z.string(),
    time: z.string(),
    utc: z.number().optional(),
    tz: z.string().optional(),
    interval: number,
  }),
  'cpu-load': z.array(Cpu).optional(),
  'cpu-load-all': z.array(Cpu).optional(),
  memory: z.looseObject({ avail: number.optional(), dirty: number.optional() }).optional(),
  queue: z.looseObject({ 'ldavg-1': number, 'ldavg-5': number.optional(), 'ldavg-15': number.optional() }).optional(),
  disk: z
    .array(
      z.looseObject({
        'disk-device': z.string(),
        tps: number,
        wkB: number.optional(),
        wr_sec: number.optional(),
        await: number.optional(),
        'util-percent': percent,
      }),
    )
    .optional(),
  network: z
    .looseObject({
      'net-dev': z
        .array(z.looseObject({ iface: z.string(), rxpck: number, txpck: number, rxkB: number, txkB: number }))
        .optional(),
      'net-edev': z.array(z.looseObject({ iface: z.string(), rxdrop: number, txdrop: number })).optional(),
    })
    .optional(),
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
    const left = new Map<string, number>();
    const leave = (what: string) => void left.set(what, (left.get(what) ?? 0) + 1);
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
      else readings.push({ at, intervalSeconds: interval, host: readRates(parsed.data) });
    }
    if (readings.length === 0) throw unreadableReadings('sadf -j', 'it holds no statistics');
    return {
      ...defined({ hostName: host?.nodename, cores: host?.['number-of-cpus'] }),
      readings,
      left,
    };
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

function readRates(statistics: Statistics): HostRates {
  const cpus = statistics['cpu-load'] ?? statistics['cpu-load-all'] ?? [];
  const { memory, queue, disk, network } = statistics;
  const drops = new Map(network?.['net-edev']?.map(({ iface, rxdrop, txdrop }) => [iface, rxdrop + txdrop]));
  return {
    ...defined({ cpu: readCpu(cpus) }),
    ...(queue && {
      load: defined({ one: queue['ldavg-1'], five: queue['ldavg-5'], fifteen: queue['ldavg-15'] }),
    }),
    ...(memory?.avail !== undefined && {
      memory: {
        availableBytes: memory.avail * kibibyte,
        ...(memory.dirty !== undefined && { dirtyBytes: memory.dirty * kibibyte }),
      },
    }),
    ...(disk && { disks: disk.flatMap(readDisk) }),
    ...(network?.['net-dev'] && {
      networkDevices: network['net-dev'].map(({ iface, rxpck, txpck, rxkB, txkB }) => ({
        device: iface,
        receiveBytesPerSecond: rxkB * kibibyte,
        receivePacketsPerSecond: rxpck,
        transmitBytesPerSecond: txkB * kibibyte,
        transmitPacketsPerSecond: txpck,
        ...defined({ dropsPerSecond: drops.get(iface) }),
      })),
    }),
  };
}

function readDisk(disk: NonNullable<Statistics['disk']>[number]): DiskRates[] {
  const { wkB, wr_sec: sectors, tps, await: awaitMs } = disk;
  const written = wkB === undefined ? sectors && sectors * 512 : wkB * kibibyte;
  if (written === undefined) return [];
  return [
    {
      device: disk['disk-device'],
      busy: disk['util-percent'],
      ...(awaitMs !== undefined && tps > 0 && { awaitSeconds: awaitMs / 1000 }),
      writtenBytesPerSecond: written,
    },
  ];
}

function readCpu(cpus: readonly z.infer<typeof Cpu>[]): HostRates['cpu'] {
  const all = cpus.find(({ cpu }) => cpu === 'all' || cpu === '-1');
  const user = all?.user ?? all?.usr;
  const system = all?.system ?? all?.sys;
  if (all === undefined || user === undefined || system === undefined) return undefined;
  // Before sysstat 12, an offline core has an entry of zeros.
  const isOnline = (core: z.infer<typeof Cpu>) =>
    Object.values(core).some((mode) => typeof mode === 'number' && mode > 0);
  const cores = cpus.filter((each) => each !== all && isOnline(each));
  const busy = cores.map(({ idle, iowait = 0 }) => Math.max(0, 1 - idle - iowait));
  return defined({
    user,
    system,
    idle: all.idle,
    nice: all.nice,
    iowait: all.iowait,
    steal: all.steal,
    irq: all.irq,
    softirq: all.soft,
    busiestCore: busy.length > 0 ? Math.max(...busy) : undefined,
  });
}
