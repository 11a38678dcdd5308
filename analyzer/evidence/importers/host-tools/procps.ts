// Parses the output of the tools of procps: free, top and vmstat.

import {
  type HostToolImporter,
  readSize,
  type ToolReading,
  unreadableReadings,
  leftOut,
  readNumber,
  readPercent,
  type PrintedTime,
} from './host-tool.ts';
import type { CpuShares, HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { readClock, readDates } from './printed-time.ts';

// Parses total and available memory from free, in any language and unit.

/*
 *                total        used        free      shared  buff/cache   available
 * Mem:        24684092      678036    23045684        8856     1264760    24006056     kB without an option; first row after each heading
 * Swap:              0           0           0
 *
 * Releases before procps-ng 3.3.10 print buffers and cached, but no available memory.
 */
const memoryRow = /^\S+[:：]\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s*$/;
/** Total without a unit. */
const bare = /^\d+$/;
const oldHeading = /buffers\s+cached\s*$/m;

export const free = {
  tool: 'free',

  detect: (head) => /^\s{6,}\S+(?: +\S+){5}\s*\n\S+[:：]\s+\d/.test(head),

  import(text) {
    if (oldHeading.test(text)) {
      throw unreadableReadings(
        'free',
        'this release did not print what is available',
        'give `sar -r` or a node_exporter instead',
      );
    }
    const readings = text.split(/\r?\n/).flatMap((line): ToolReading[] => {
      const [, total, , , , , available] = memoryRow.exec(line) ?? [];
      if (total !== undefined && bare.test(total) && !isKibibytes(Number(total))) {
        throw unreadableReadings(
          'free',
          `its total of ${total} has no unit: it is not in kB, or the host has less than 1 GiB`,
          'give what `free -s 1` prints, without -b, -m or -g; with less than 1 GiB, what `free -h -s 1` prints',
        );
      }
      const totalBytes = readSize(total, 1024);
      const availableBytes = readSize(available, 1024);
      if (totalBytes === undefined || availableBytes === undefined) return [];
      return [{ at: { kind: 'order', isPrintedAtStart: true }, host: { memory: { totalBytes, availableBytes } } }];
    });
    if (readings.length === 0) throw unreadableReadings('free', 'no row of memory found');
    return { readings, left: new Map() };
  },
} satisfies HostToolImporter;

/**
 * With -b, -m and -g the heading is the same. Linux counts memory in pages of 4 KiB, so a total in kB is a multiple of
 * 4, and a total in bytes a multiple of 4096. Below 2^20 it is more likely MiB of a large host than kB of a host too
 * small for a broker.
 */
function isKibibytes(total: number): boolean {
  const isBytes = total >= 2 ** 30 && total % 4096 === 0;
  return total >= 2 ** 20 && total % 4 === 0 && !isBytes;
}

/*
 * top - 13:52:55 up 24 min,  0 user,  load average: 0.60, 1.31, 1.33        the zone is not printed
 * %Cpu(s):  0.0 us,100.0 sy,  0.0 ni,  0.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st
 * %Cpu0  :  …                                                               one line per core after typing `1`
 * MiB Mem :  24105.6 total,  22505.3 free,    662.1 used,   1235.3 buff/cache
 * MiB Swap:      0.0 total,      0.0 free,      0.0 used.  23443.4 avail Mem
 * KiB Mem : 19670142+total, 19372916+free,   969588 used,  2002672 buff/cache     first eight characters of longer figures, since 3.3.10
 *
 * Cpu(s):  0.3% us,  0.3% sy,  0.0% ni, 76.7% id, 13.2% wa,  0.0% hi,  0.0% si                procps 3.2
 */
interface Screen extends ToolReading {
  host: HostRates;
  /** One entry per core, if each core has a line. */
  cores: CpuShares[];
}

const first = /^top - /;
const load = /(\d+[.,]\d+),\s+(\d+[.,]\d+),\s+(\d+[.,]\d+)\s*$/;
const cpuLine = /^%?cpu(\(s\)|\d+)\s*:(.*)$/i;
const sizes = /^(Ki|Mi|Gi|Ti)B\s/;
const cells = /(\d+(?:[.,]\d+)?)\s*%?\s*[^\s\d,.:]+/g;
const figures = /(\d+(?:[.,]\d+|[.,](?=\+))?)(\+?)\s*[^\s\d,.:+]+/g;

/** Parses load, CPU and memory from the head of top -b (procps 3.2 to 4), by position, for any language. */
export const top = {
  tool: 'top',

  detect: (head) => /^top - \d/m.test(head) && /^%?cpu(?:\(s\)|\d+)\s*:/im.test(head),

  import(text) {
    const { left, leave } = leftOut();
    const screens: Screen[] = [];
    let memory: { totalBytes: number | undefined } | undefined;
    for (const line of text.split(/\r?\n/)) {
      if (first.test(line)) {
        const clock = readClock(line.slice(5));
        const [, one, five, fifteen] = load.exec(line) ?? [];
        const averages = [one, five, fifteen].map(readNumber);
        memory = undefined;
        screens.push({
          at: clock ? { kind: 'local', dates: [], secondOfDay: clock.secondOfDay } : { kind: 'order' },
          host: { ...loadAverageOf(averages) },
          cores: [],
        });
        continue;
      }
      const screen = screens.at(-1);
      if (screen === undefined) continue;
      const [, which, rest = ''] = cpuLine.exec(line) ?? [];
      const cpu = which === undefined ? undefined : readCpu(rest);
      if (cpu !== undefined && which === '(s)') screen.host.cpu = cpu;
      else if (cpu !== undefined) screen.cores.push(cpu);
      const [, unit] = sizes.exec(line) ?? [];
      if (unit === undefined || screen.host.memory !== undefined) continue;
      const printed = [...line.matchAll(figures)].flatMap(([, digits, plus]) => readFigure(digits, plus, unit) ?? []);
      const [, , , last] = printed;
      if (last === undefined) continue;
      // The swap line ends with available memory, or with cached memory in older releases.
      if (memory === undefined) {
        memory = { totalBytes: totalOf(printed) };
        if (memory.totalBytes === undefined) leave('memory of a screen that prints + for more than one digit');
      } else if (memory.totalBytes !== undefined && !/cache/i.test(line)) {
        screen.host.memory = { totalBytes: memory.totalBytes, availableBytes: wholeOf(last) };
      }
    }
    if (screens.length < 2) {
      throw unreadableReadings(
        'top',
        screens.length === 0 ? 'no screen found' : 'the CPU of its only screen is a mean since boot',
        'give what `top -b -d 1` prints while the load runs',
      );
    }
    leave('first screen, whose CPU is the mean since boot');
    const cores = screens.reduce((most, { cores: own }) => Math.max(most, own.length), 0);
    return {
      ...(cores > 0 && { cores }),
      readings: screens
        .slice(1)
        .map(({ at, host, cores }) => ({ at, host: cores.length > 0 ? { ...host, cpu: meanOf(cores) } : host })),
      left,
    };
  },
} satisfies HostToolImporter;

type Figure = NonNullable<ReturnType<typeof readFigure>>;
/** @returns `isCut`: its last digits before the decimal point are missing */
function readFigure(digits = '', plus = '', unit = '') {
  const bytes = readSize(`${digits.replace(/[.,]$/, '')}${unit}`, 1);
  return bytes === undefined ? undefined : { bytes, isCut: plus === '+' && /^\d+$/.test(digits) };
}

/** Assumes one missing digit, because available memory has no more digits than the total. */
const wholeOf = ({ bytes, isCut }: Figure): number => (isCut ? bytes * 10 : bytes);
const sumOf = (parts: readonly Figure[]): number => parts.reduce((sum, part) => sum + wholeOf(part), 0);

/**
 * Free, used and buff/cache add up to the total, except for top's rounding to 64 KiB. With a second missing digit they
 * do not, unless almost all figures are cut off.
 *
 * @returns undefined if more than one digit may be missing
 */
function totalOf([total, ...parts]: readonly Figure[]): number | undefined {
  if (total?.isCut !== true) return total?.bytes;
  const printedWhole = sumOf(parts.filter(({ isCut }) => !isCut));
  const fits = Math.abs(wholeOf(total) - sumOf(parts)) < 2 ** 18;
  return fits && printedWhole > 2 ** 22 ? wholeOf(total) : undefined;
}

function loadAverageOf([one, five, fifteen]: readonly (number | undefined)[]): Pick<HostRates, 'load'> {
  return one === undefined || five === undefined || fifteen === undefined ? {} : { load: { one, five, fifteen } };
}

/** us sy ni id wa hi si st, in this order since procps 3.2 (2004); st since 3.2.8. */
function readCpu(figures: string): CpuShares | undefined {
  const [user, system, nice, idle, iowait, irq, softirq, steal] = [...figures.matchAll(cells)].map(([, digits]) =>
    readPercent(digits),
  );
  if (user === undefined || system === undefined || nice === undefined || idle === undefined) return undefined;
  if (iowait === undefined || irq === undefined || softirq === undefined) return undefined;
  return { user, nice, system, idle, iowait, irq, softirq, ...(steal !== undefined && { steal }) };
}

/** With one line per core, their mean is not printed. */
function meanOf(cores: readonly CpuShares[]): CpuShares {
  const mean = (mode: keyof CpuShares) => cores.reduce((sum, core) => sum + (core[mode] ?? 0), 0) / cores.length;
  const modes = Object.keys(cores[0] ?? {}) as (keyof CpuShares)[];
  const busiestCore = Math.max(...cores.map(({ idle, iowait = 0 }) => Math.max(0, 1 - idle - iowait)));
  return { ...(Object.fromEntries(modes.map((mode) => [mode, mean(mode)])) as CpuShares), busiestCore };
}

/*
 * procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu----- -----timestamp-----
 *  r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st                 UTC
 *  6  0      0 23045452  23960 1241032  0    0   874  1153  760 2174 34  6 59  0  0 2026-11-20 13:52:55    since boot
 *  1  0      0 23045452  23960 1241032  0    0   128     0   94  144  0  1 99  0  0 2026-11-20 13:52:56    an interval
 *
 * With -w the first line begins with `--procs--`.
 *
 * Twelve columns of counts, then us sy id wa st, and since procps-ng 4 also gu (guest, included in us); words follow
 * the locale.
 */
const counts = 12;
const head = /^\s*r\s+b\s.*\bus\s+sy\s+id\s+wa\b/m;
const figuresRow = /^\s*\d+\s+\d+\s+\d/;

/** Parses the CPU columns of vmstat, one line per interval; its memory columns lack available memory. */
export const vmstat = {
  tool: 'vmstat',

  detect: (text) => head.test(text) && /^(?:--)?procs\s?-/m.test(text),

  import(text) {
    const { left, leave } = leftOut();
    const isUtc = /^\s*r\s+b\s.*\sUTC\s*$/m.test(text);
    const readings: ToolReading[] = [];
    for (const line of text.split(/\r?\n/)) {
      if (!figuresRow.test(line)) continue;
      const fields = line.trim().split(/\s+/);
      const [user, system, idle, iowait, steal] = fields.slice(counts).map(readPercent);
      if (user === undefined || system === undefined || idle === undefined || iowait === undefined) {
        leave('rows that were not understood');
        continue;
      }
      readings.push({
        at: readTime(line, isUtc),
        host: { cpu: { user, system, idle, iowait, ...(steal !== undefined && { steal }) } },
      });
    }
    if (readings.length < 2) {
      throw unreadableReadings(
        'vmstat',
        readings.length === 0 ? 'there is no row' : 'its only row is the mean since boot',
        'give what `vmstat -t 1` prints while the load runs',
      );
    }
    leave('first row, the mean since boot');
    return { readings: readings.slice(1), left };
  },
} satisfies HostToolImporter;

function readTime(line: string, isUtc: boolean): PrintedTime {
  const [, stamp] = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\s*$/.exec(line) ?? [];
  if (stamp === undefined) return { kind: 'order' };
  if (isUtc) return { kind: 'instant', epochMs: Date.parse(`${stamp.replace(' ', 'T')}Z`) };
  const clock = readClock(stamp.slice(10));
  return clock ? { kind: 'local', dates: readDates(stamp), secondOfDay: clock.secondOfDay } : { kind: 'order' };
}
