// Measures the busiest 100 ms since the last read: short bursts of a link or core vanish in scrape averages.

import type { Bursts, CpuTimes, NetworkDevice } from '../../core/documents/evidence/host-reading.ts';
import { directions, wireBytes } from '../link-use.ts';

interface BurstMeter {
  observe(atSeconds: number, cpus: readonly CpuTimes[], cards: readonly NetworkDevice[]): void;
  /** Empty before there were two observations; resets after each call. */
  take(): Bursts;
}

/** Ticks are 10 ms: of a shorter window a single one would be too large a share. */
const leastWindowSeconds = 0.05;

export function createBurstMeter(windowSeconds: number): BurstMeter {
  let last: { at: number; cpus: readonly CpuTimes[]; cards: readonly NetworkDevice[] } | undefined;
  let coreRatio: number | undefined;
  let links = new Map<string, { receive: number; transmit: number }>();

  return {
    observe(at, cpus, cards) {
      const before = last;
      if (before !== undefined && at - before.at < leastWindowSeconds) return;
      last = { at, cpus, cards };
      if (before === undefined) return;
      coreRatio = largest(coreRatio, busiestCore(before.cpus, cpus));
      for (const card of cards) {
        const old = before.cards.find(({ device }) => device === card.device);
        if (old === undefined) continue;
        const peak = links.get(card.device) ?? { receive: 0, transmit: 0 };
        for (const direction of directions) {
          const rate = (wireBytes(old, card, direction) ?? 0) / (at - before.at);
          peak[direction] = Math.max(peak[direction], rate);
        }
        links.set(card.device, peak);
      }
    },

    take() {
      const bursts: Bursts = {
        windowSeconds,
        ...(coreRatio !== undefined && { coreRatio }),
        links: [...links].map(([device, { receive, transmit }]) => ({
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
