// Samples the counters of the local machine ten times per second, only while a consumer reads the results.

import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bursts, CpuTimes, NetworkDevice } from '../../core/documents/evidence/host-reading.ts';
import { endOfWait, ignoreFault } from '../../core/errors.ts';
import { parseNetDev } from '../proc/network.ts';
import { parseStat } from '../proc/stat.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import { earlierReadings } from '../../core/earlier-readings.ts';
import { directions, wireBytesBetween } from '../../core/wire/ethernet.ts';

const windowSeconds = 0.1;
/** Without a call for this long, sampling stops until the next call. */
const idleSeconds = 300;
/** Size of /proc/stat for 256 cores without its line of interrupts; a longer text is cut, and its last line dropped. */
const mostBytes = 64 * 1024;

/** Reads two open files every 100 ms; a read that takes longer delays the next. */
export function watchBursts(files: { stat: string; dev: string }) {
  const meter = createBurstMeter(windowSeconds);
  const take = shareBursts(() => meter.take(), seconds());
  const buffers = { stat: Buffer.allocUnsafe(mostBytes), dev: Buffer.allocUnsafe(mostBytes) };
  let running: { stop: AbortController; ended: Promise<void> } | undefined;
  let requestedAt = 0;

  async function look(signal: AbortSignal): Promise<void> {
    await using stat = await open(files.stat);
    await using dev = await open(files.dev);
    while (!signal.aborted && seconds() - requestedAt < idleSeconds) {
      const from = seconds();
      const [cpus, cards] = await Promise.all([textOf(stat, buffers.stat), textOf(dev, buffers.dev)]);
      meter.observe({ from, to: seconds() }, parseStat(cpus), parseNetDev(cards));
      await pause(windowSeconds - (seconds() - from), signal);
    }
  }

  return {
    take(): Bursts {
      requestedAt = seconds();
      if (running === undefined) {
        const stop = new AbortController();
        // A kernel without these files has no burst figures.
        const ended = look(stop.signal)
          .catch(ignoreFault('a kernel without these files has no burst figures'))
          .finally(() => (running = undefined));
        running = { stop, ended };
      }
      return take(requestedAt);
    },
    async [Symbol.asyncDispose]() {
      running?.stop.abort();
      await running?.ended;
    },
  };
}

const seconds = () => performance.now() / 1000;

async function textOf(file: FileHandle, buffer: Buffer): Promise<string> {
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

/** Does not keep the process alive. */
async function pause(duration: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, duration) * 1000, undefined, { signal, ref: false }).catch(endOfWait);
}

/** Time in seconds within which both files were read: a busy event loop may make it longer than the window. */
interface Span {
  from: number;
  to: number;
}

/** Ticks are 10 ms: in a shorter window a single tick would be too large a share. */
const leastWindowSeconds = 0.05;

/**
 * Some drivers update card counters once per second (tg3, bnx2x, bnxt_en): a window with such a step shows ten times
 * the rate. Counters that change in `windows` consecutive windows, none longer than `longest` window lengths, follow
 * the traffic: stepped counters change once per second for a card, and once per member for a bond.
 */
const currentAfter = { windows: 5, longest: 2 };

/**
 * Measures the busiest 100 ms since an earlier read, because scrape averages hide short bursts of a link or core.
 */
export function createBurstMeter(windowSeconds: number) {
  let last: { read: Span; cpus: readonly CpuTimes[]; cards: readonly NetworkDevice[] } | undefined;
  let coreRatio: number | undefined;
  let links = new Map<string, { receive: number; transmit: number }>();
  /** By device, consecutive windows in which its counters changed; not counted once they are known to be current. */
  let runs = new Map<string, number>();
  const isCurrent = (device: string) => (runs.get(device) ?? 0) >= currentAfter.windows;

  return {
    observe(read: Span, cpus: readonly CpuTimes[], cards: readonly NetworkDevice[]): void {
      const before = last;
      if (before !== undefined && read.from - before.read.to < leastWindowSeconds) return;
      last = { read, cpus, cards };
      if (before === undefined) return;
      // Use the longest possible time: a burst is shown too low rather than too high.
      const seconds = read.to - before.read.from;
      const isShort = seconds <= currentAfter.longest * windowSeconds;
      const nextRuns = new Map<string, number>();
      coreRatio = largest(coreRatio, busiestCore(before.cpus, cpus));
      for (const card of cards) {
        const old = before.cards.find(({ device }) => device === card.device);
        if (old === undefined) continue;
        const peak = getOrMake(links, card.device, () => ({ receive: 0, transmit: 0 }));
        let hasMoved = false;
        for (const direction of directions) {
          const bytes = wireBytesBetween(old, card, direction) ?? 0;
          hasMoved ||= bytes > 0;
          peak[direction] = Math.max(peak[direction], bytes / seconds);
        }
        const run = runs.get(card.device) ?? 0;
        nextRuns.set(card.device, isCurrent(card.device) ? run : hasMoved && isShort ? run + 1 : 0);
      }
      runs = nextRuns;
    },

    /** Returns bursts and resets; empty before two observations. */
    take(): Bursts {
      const bursts: Bursts = {
        windowSeconds,
        ...(coreRatio !== undefined && { coreRatio }),
        links: [...links]
          // Omit stepped counters: the time that a step covers is unknown.
          .filter(([device, { receive, transmit }]) => isCurrent(device) || (receive === 0 && transmit === 0))
          .map(([device, { receive, transmit }]) => ({
            device,
            receiveWireBytesPerSecond: receive,
            transmitWireBytesPerSecond: transmit,
          })),
      };
      coreRatio = undefined;
      links = new Map();
      return bursts;
    },
  };
}

/** Each burst is in only one window: a scraper that reads at least this often misses none, whoever else scrapes. */
const sharedSeconds = 30;
/** Shorter parts are merged into the previous one. */
const shortestPartSeconds = 1;

/**
 * Lets several readers share bursts.
 * @param take returns bursts since its last call, the first time since `beganAtSeconds`
 * @returns a function that returns bursts of the last 30 s, or since the previous call if that is longer ago
 */
export function shareBursts(take: () => Bursts, beganAtSeconds: number): (atSeconds: number) => Bursts {
  /** Each part covers the time from `atSeconds` to the next part. */
  let parts: { atSeconds: number; bursts: Bursts }[] = [];
  let from = beganAtSeconds;
  return (atSeconds) => {
    const last = parts.at(-1);
    const bursts = take();
    if (last !== undefined && from - last.atSeconds < shortestPartSeconds) last.bursts = busier(last.bursts, bursts);
    else parts.push({ atSeconds: from, bursts });
    from = atSeconds;
    parts = earlierReadings(parts, atSeconds, sharedSeconds);
    return parts.map((part) => part.bursts).reduce(busier);
  };
}

function busier(a: Bursts, b: Bursts): Bursts {
  const coreRatio = largest(a.coreRatio, b.coreRatio);
  const links = new Map(a.links.map((link) => [link.device, link]));
  for (const link of b.links) {
    const other = links.get(link.device) ?? link;
    links.set(link.device, {
      device: link.device,
      receiveWireBytesPerSecond: Math.max(link.receiveWireBytesPerSecond, other.receiveWireBytesPerSecond),
      transmitWireBytesPerSecond: Math.max(link.transmitWireBytesPerSecond, other.transmitWireBytesPerSecond),
    });
  }
  return { windowSeconds: b.windowSeconds, ...(coreRatio !== undefined && { coreRatio }), links: [...links.values()] };
}

function busiestCore(before: readonly CpuTimes[], after: readonly CpuTimes[]): number | undefined {
  return after
    .map((now, index) => {
      const old = before[index];
      if (old === undefined || old.cpu !== now.cpu) return undefined;
      const idle = Math.max(0, now.idle - old.idle) + Math.max(0, now.iowait - old.iowait);
      const busy = (['user', 'nice', 'system', 'irq', 'softirq', 'steal'] as const)
        .map((mode) => Math.max(0, now[mode] - old[mode]))
        .reduce((sum, seconds) => sum + seconds);
      return busy + idle > 0 ? busy / (busy + idle) : undefined;
    })
    .reduce(largest, undefined);
}

function largest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.max(a, b);
}
