// Exports the utilization of a host's busiest core, by mode.

import { ok, allKnown, type HostCollector, labelled } from '../../collector.ts';
import { cpuModes, type CpuTimes } from '../../../core/documents/evidence/host-reading.ts';

const { gauge } = labelled();

export const hottestCore = {
  of: 'host',
  source: '/proc/stat',
  cost: 'none beside cpu',
  metrics: {
    plimsoll_host_hottest_core_ratio: gauge(
      'Busy share of the busiest core since the last scrape at least 5 s ago: on 24 cores, one saturated core is 4% of the total.',
    ),
    plimsoll_host_hottest_core_softirq_ratio: gauge(
      'Share of time that this core spent in softirq, which receives packets.',
    ),
  },

  collect({ reading: { cpus }, before }) {
    if (cpus === undefined) return { kind: 'no-data', reason: 'the CPU times could not be read' };
    const hottest = before?.cpus && hottestBetween(before.cpus, cpus);
    return ok(
      allKnown([], {
        plimsoll_host_hottest_core_ratio: hottest?.busyRatio,
        plimsoll_host_hottest_core_softirq_ratio: hottest?.softirqRatio,
      }),
    );
  },
} satisfies HostCollector;

interface HottestCore {
  /** Kernel number of the core. */
  cpu: number;
  /** Share of time in all modes except idle and iowait. */
  busyRatio: number;
  /** Share of time in softirq, which processes received packets. */
  softirqRatio: number;
}

/** @returns undefined if no core was read twice with time in between */
export function hottestBetween(before: readonly CpuTimes[], after: readonly CpuTimes[]): HottestCore | undefined {
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
