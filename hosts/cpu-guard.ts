// Keeps CPU counters monotonic: rate() would treat a decreased counter as a reset.

import { cpuModes, type CpuTimes } from '../core/documents/evidence/host-reading.ts';

const counters = [...cpuModes, 'guest', 'guestNice'] as const;

/** An idle counter this far back means that the core was unplugged and replugged: all its counters restarted. */
const hotplugSeconds = 3;

/**
 * The kernel lets iowait decrease, and idle of a virtual machine (man 5 proc_stat; prometheus/node_exporter issues
 * 1686, 1903). Uses node_exporter's rule, so that both show the same figures.
 */
export function createCpuGuard(): (cpus: readonly CpuTimes[]) => CpuTimes[] {
  let last = new Map<number, CpuTimes>();
  return (cpus) => {
    const guarded = cpus.map((now, index) => {
      const before = last.get(now.cpu ?? index);
      if (before === undefined || before.idle - now.idle >= hotplugSeconds) return now;
      const kept = counters.flatMap((mode) => {
        const [old, value] = [before[mode], now[mode]];
        return old === undefined || value === undefined ? [] : [[mode, Math.max(old, value)] as const];
      });
      return { ...now, ...Object.fromEntries(kept) };
    });
    last = new Map(guarded.map((cpu, index) => [cpu.cpu ?? index, cpu]));
    return guarded;
  };
}
