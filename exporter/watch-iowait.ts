// Computes a broker host's iowait share between CPU samples, as an overload signal for the read governor.

import { cpuSeconds, type CpuSeconds } from '../core/cpu-seconds.ts';
import type { HostProbe } from '../hosts/probe.ts';

/** The kernel counts in ticks of 10 ms, so the share of less CPU time is too coarse. */
const leastCpuSeconds = 1;

/** @param tell receives the iowait share of CPU time between two samples */
export function watchIowait(probe: HostProbe, tell: (ratio: number) => void): HostProbe {
  let last: CpuSeconds | undefined;

  function compare(now: CpuSeconds): void {
    const passed = now.all - (last?.all ?? now.all);
    // A decreased counter means that the host restarted.
    if (last === undefined || passed < 0) last = now;
    if (passed < leastCpuSeconds) return;
    tell(Math.max(0, now.iowait - last.iowait) / passed);
    last = now;
  }

  return {
    describe: (io) => probe.describe(io),
    async sample(wanted, io) {
      const reading = await probe.sample(wanted, io);
      if (reading.cpus !== undefined) compare(cpuSeconds(reading.cpus));
      return reading;
    },
    [Symbol.asyncDispose]: () => probe[Symbol.asyncDispose](),
  };
}
