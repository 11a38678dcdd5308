// Reads rows of sysstat by the names of their columns, as sar prints them; sadf writes the same columns in JSON.

import { defined } from '../../../../core/defined.ts';
import type { CpuShares, HostRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { readNumber, readPercent } from './host-tool.ts';
import { readDates, type LocalDate } from './printed-time.ts';

/** Bytes of sar's kB and of its sectors (man 1 sar). */
const kibibyte = 1024;
const sector = 512;

export type ColumnReader = (column: string) => string | undefined;

/** By block: adds a row to the rates of its moment. @returns whether the row contained the expected values */
export const sysstatBlocks = {
  cpu: readCpu,
  load: readLoad,
  memory: readMemory,
  disks: readDisk,
  links: readLink,
  drops: readDrops,
} satisfies Record<string, (row: ColumnReader, into: HostRates) => boolean>;

export type SysstatBlock = keyof typeof sysstatBlocks;

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
  if (['all', '-1'].includes(row('CPU') ?? '')) {
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

/** `Linux 6.18.44 (vm) 	11/20/26 	_x86_64_	(2 CPU)`; the date follows the locale. */
export function readSysstatHead(text: string): { hostName?: string; cores?: number; dates: LocalDate[] } {
  const [, host, rest = ''] = /^Linux \S+ \((.*?)\)(.*)$/m.exec(text) ?? [];
  const [, cores] = /\((\d+) CPU\)/.exec(rest) ?? [];
  return {
    ...(host !== undefined && host !== '' && { hostName: host }),
    ...(cores !== undefined && Number(cores) > 0 && { cores: Number(cores) }),
    dates: readDates(rest),
  };
}
