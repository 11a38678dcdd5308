// Finds the busiest core between two readings and its share of interrupt time: one thread or NIC queue fills one core.

import { cpuModes, type CpuTimes } from '../core/documents/evidence/host-reading.ts';

interface HottestCore {
  /** Kernel number of the core. */
  cpu: number;
  /** Share of time in all modes except idle and iowait. */
  busyRatio: number;
  /** Share of time in softirq, which processes received packets. */
  softirqRatio: number;
}

/** @returns undefined if no core was read twice with time in between */
export function hottestCore(before: readonly CpuTimes[], after: readonly CpuTimes[]): HottestCore | undefined {
  const earlier = new Map(before.map((times, index) => [times.cpu ?? index, times]));
  let hottest: HottestCore | undefined;
  for (const [index, now] of after.entries()) {
    const cpu = now.cpu ?? index;
    const old = earlier.get(cpu);
    if (old === undefined) continue;
    const spent = cpuModes.map((mode) => now[mode] - old[mode]);
    const all = spent.reduce((sum, seconds) => sum + seconds, 0);
    // A core that was unplugged and replugged restarts its counters.
    if (!(all > 0) || spent.some((seconds) => seconds < 0)) continue;
    const idle = now.idle - old.idle + now.iowait - old.iowait;
    const busyRatio = (all - idle) / all;
    if (hottest === undefined || busyRatio > hottest.busyRatio) {
      hottest = { cpu, busyRatio, softirqRatio: (now.softirq - old.softirq) / all };
    }
  }
  return hottest;
}
