// Parses sar text of sysstat 9 to 12: blocks of CPU, load, memory, disks and network that each have a heading.

import type { CpuShares, HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import {
  type HostToolImporter,
  readNumber,
  readPercent,
  type ToolReading,
  type ToolReadings,
  unreadableReadings,
} from './host-tool.ts';
import { addDays, type LocalDate, readClock } from './printed-time.ts';
import { readSysstatHead } from './sysstat-head.ts';
import { defined } from '../../../../core/defined.ts';

/** Bytes of sar's kB and of its sectors (man 1 sar). */
const kibibyte = 1024;
const sector = 512;

type ColumnReader = (column: string) => string | undefined;

interface Block {
  /** A column that no other block has. */
  column: RegExp;
  /** @returns whether the row contained the expected values */
  read(row: ColumnReader, into: HostRates): boolean;
}

/*
 * Linux 6.18.44 (vm) 	11/20/26 	_x86_64_	(2 CPU)
 *
 * 13:52:55        CPU     %user     %nice   %system   %iowait    %steal     %idle      start of the first interval
 * 13:52:56        all      0.00      0.00      0.99      0.00      0.00     99.01      end of that interval
 * …
 * Average:        all      0.17      0.00      0.50      0.00      0.00     99.33      ignored, because it has no time
 */
const blocks: Readonly<Record<string, Block>> = {
  cpu: { column: /^%idle$/, read: readCpu },
  load: { column: /^ldavg-1$/, read: readLoad },
  memory: { column: /^kbmemfree$/, read: readMemory },
  disks: { column: /^DEV$/, read: readDisk },
  links: { column: /^rxpck\/s$/, read: readLink },
  drops: { column: /^rxdrop\/s$/, read: readDrops },
};

export const sar = {
  tool: 'sar',

  detect: (head) =>
    /^Linux \S+ \(.*\)/m.test(head) && /^.{0,24}\d.*[ \t](?:CPU|IFACE|DEV|tps|runq-sz|kbmemfree)\s/m.test(head),

  import(text): ToolReadings {
    const left = new Map<string, number>();
    const leave = (what: string) => void left.set(what, (left.get(what) ?? 0) + 1);
    const { dates, ...machine } = readSysstatHead(text);
    const day = new DayColumns(dates);
    let heading: { block: string | undefined; columns: ReadonlyMap<string, number> } | undefined;
    for (const line of text.split(/\r?\n/)) {
      const time = readClock(line.slice(0, 24));
      if (time === undefined || line.startsWith('Linux ')) continue;
      const fields = line.slice(time.end).trim().split(/\s+/);
      if (fields[0] === 'LINUX') {
        leave('restarts of the machine');
        heading = undefined;
      } else if (fields[0] === 'COM') {
        leave('comments');
      } else if (isHeading(fields)) {
        const columns = new Map(fields.map((word, index) => [word, index]));
        const block = Object.keys(blocks).find((name) => fields.some((word) => blocks[name]?.column.test(word)));
        heading = { block, columns };
        if (block !== undefined) day.begin(block, time.secondOfDay);
      } else if (heading !== undefined) {
        const { block, columns } = heading;
        const into = block === undefined ? undefined : day.at(block, time.secondOfDay);
        const row: ColumnReader = (column) => fields[columns.get(column) ?? -1];
        if (block === undefined) leave(`rows of ${[...columns.keys()].slice(0, 2).join(' ')}`);
        else if (into === undefined || blocks[block]?.read(row, into) !== true) leave(`rows that were not understood`);
      }
    }
    const readings = day.readings();
    if (readings.length === 0) {
      throw unreadableReadings(
        'sar',
        'there is no row with a time',
        'give what `sar -u -P ALL -q -r -d -p -n DEV -n EDEV 1` prints',
      );
    }
    return { ...machine, readings, left };
  },
} satisfies HostToolImporter;

function isHeading(fields: readonly string[]): boolean {
  return (
    fields.length > 1 &&
    fields.every((word) => readNumber(word) === undefined) &&
    fields.some((word) => /[/%A-Z-]|^kb|^tps$/.test(word))
  );
}

function readCpu(row: ColumnReader, into: HostRates): boolean {
  const percent = (...names: string[]) => readPercent(names.map(row).find((word) => word !== undefined));
  const user = percent('%user', '%usr');
  const system = percent('%system', '%sys');
  const idle = percent('%idle');
  if (user === undefined || system === undefined || idle === undefined) return false;
  const cpu: CpuShares = defined({
    user,
    system,
    idle,
    nice: percent('%nice'),
    iowait: percent('%iowait'),
    steal: percent('%steal'),
    irq: percent('%irq'),
    softirq: percent('%soft'),
  });
  if (row('CPU') === 'all') {
    into.cpu = { ...cpu, ...defined({ busiestCore: into.cpu?.busiestCore }) };
  } else if (into.cpu !== undefined && !isOffline([...Object.values(cpu), percent('%guest'), percent('%gnice')])) {
    const busy = Math.max(0, 1 - idle - (cpu.iowait ?? 0));
    into.cpu.busiestCore = Math.max(into.cpu.busiestCore ?? 0, busy);
  }
  return true;
}

/** Before sysstat 12, an offline core has a row of zeros. */
const isOffline = (modes: readonly (number | undefined)[]) => modes.every((share = 0) => share === 0);

function readLoad(row: ColumnReader, into: HostRates): boolean {
  const one = readNumber(row('ldavg-1'));
  const five = readNumber(row('ldavg-5'));
  const fifteen = readNumber(row('ldavg-15'));
  if (one === undefined) return false;
  into.load = defined({ one, five, fifteen });
  return true;
}

/** Available memory is printed since sysstat 11.5.7; older versions print only free memory, which says little about a broker. */
function readMemory(row: ColumnReader, into: HostRates): boolean {
  const available = readNumber(row('kbavail'));
  const dirty = readNumber(row('kbdirty'));
  if (available === undefined) return false;
  into.memory = { availableBytes: available * kibibyte, ...(dirty !== undefined && { dirtyBytes: dirty * kibibyte }) };
  return true;
}

function readDisk(row: ColumnReader, into: HostRates): boolean {
  const device = row('DEV');
  const busy = readPercent(row('%util'));
  const requests = readNumber(row('tps'));
  const await_ = readNumber(row('await'));
  const kilobytes = readNumber(row('wkB/s'));
  const sectors = readNumber(row('wr_sec/s'));
  const written = kilobytes === undefined ? sectors && sectors * sector : kilobytes * kibibyte;
  if (device === undefined || busy === undefined || written === undefined) return false;
  (into.disks ??= []).push({
    device,
    busy,
    ...(await_ !== undefined && requests !== undefined && requests > 0 && { awaitSeconds: await_ / 1000 }),
    writtenBytesPerSecond: written,
  });
  return true;
}

function readLink(row: ColumnReader, into: HostRates): boolean {
  const device = row('IFACE');
  const bytes = (kilo: string, plain: string) => {
    const kilobytes = readNumber(row(kilo));
    return kilobytes === undefined ? readNumber(row(plain)) : kilobytes * kibibyte;
  };
  const receive = bytes('rxkB/s', 'rxbyt/s');
  const transmit = bytes('txkB/s', 'txbyt/s');
  const packetsIn = readNumber(row('rxpck/s'));
  const packetsOut = readNumber(row('txpck/s'));
  if (device === undefined || receive === undefined || transmit === undefined) return false;
  if (packetsIn === undefined || packetsOut === undefined) return false;
  (into.networkDevices ??= []).push({
    device,
    receiveBytesPerSecond: receive,
    receivePacketsPerSecond: packetsIn,
    transmitBytesPerSecond: transmit,
    transmitPacketsPerSecond: packetsOut,
  });
  return true;
}

function readDrops(row: ColumnReader, into: HostRates): boolean {
  const received = readNumber(row('rxdrop/s'));
  const sent = readNumber(row('txdrop/s'));
  const link = into.networkDevices?.find(({ device }) => device === row('IFACE'));
  if (received === undefined || sent === undefined) return false;
  if (link !== undefined) link.dropsPerSecond = received + sent;
  return true;
}

const daySeconds = 86_400;

/** Combines the parts of each moment. */
class DayColumns {
  readonly #dates: readonly LocalDate[];
  readonly #moments = new Map<number, { intervalSeconds: number; host: HostRates }>();
  /** By block: the last moment, in seconds since the first midnight, and whether more rows for it may follow. */
  readonly #last = new Map<string, { moment: number; isOpen: boolean }>();

  constructor(dates: readonly LocalDate[]) {
    this.#dates = dates;
  }

  /** Handles a heading, which has the start time of its first row: after a reboot, later than the previous row. */
  begin(block: string, secondOfDay: number): void {
    const last = this.#last.get(block)?.moment ?? 0;
    this.#last.set(block, { moment: Math.max(last, momentAfter(last, secondOfDay)), isOpen: false });
  }

  /** @returns the reading of that moment, to be extended; undefined if no time has passed, or the clock was set back */
  at(block: string, secondOfDay: number): HostRates | undefined {
    const last = this.#last.get(block);
    if (last === undefined) return undefined;
    const moment = momentAfter(last.moment, secondOfDay);
    if (moment < last.moment) last.isOpen = false;
    const known = this.#moments.get(moment);
    if (moment <= last.moment) return last.isOpen ? known?.host : undefined;
    this.#last.set(block, { moment, isOpen: true });
    if (known !== undefined) return known.host;
    const host: HostRates = {};
    this.#moments.set(moment, { intervalSeconds: moment - last.moment, host });
    return host;
  }

  readings(): ToolReading[] {
    return [...this.#moments]
      .toSorted(([a], [b]) => a - b)
      .map(([moment, { intervalSeconds, host }]) => ({
        at: {
          kind: 'local',
          dates: this.#dates.map((date) => addDays(date, Math.floor(moment / daySeconds))),
          secondOfDay: moment % daySeconds,
        },
        intervalSeconds,
        host,
      }));
  }
}

/** Midnight appears as a clock that goes back by most of a day; a smaller step is the end of summer time, or a correction. */
function momentAfter(last: number, secondOfDay: number): number {
  const today = last - (last % daySeconds) + secondOfDay;
  return last - today > daySeconds / 2 ? today + daySeconds : today;
}
