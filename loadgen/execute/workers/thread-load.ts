// Measures the CPU use and event loop delay of a worker thread, to detect an overloaded generator.

import { monitorEventLoopDelay } from 'node:perf_hooks';

export type ThreadLoad = ReturnType<ReturnType<typeof watchThreadLoad>>;

/** Period of the monitor's timer; the reported delay includes it. */
const resolutionMilliseconds = 10;

/** @returns a function that returns the load since its last call; needs no disposal */
export function watchThreadLoad() {
  const delay = monitorEventLoopDelay({ resolution: resolutionMilliseconds });
  delay.enable();
  let utilisation = performance.eventLoopUtilization();
  let cpu = process.threadCpuUsage();
  return () => {
    const before = utilisation;
    utilisation = performance.eventLoopUtilization();
    const { user, system } = cpu;
    cpu = process.threadCpuUsage();
    const load = {
      eventLoopUtilisation: performance.eventLoopUtilization(utilisation, before).utilization,
      eventLoopDelayMaxSeconds: Math.max(0, delay.max / 1e9 - resolutionMilliseconds / 1e3),
      cpuSeconds: (cpu.user - user + cpu.system - system) / 1e6,
    };
    delay.reset();
    return load;
  };
}
