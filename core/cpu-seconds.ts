// Sums CPU time over all cores: total and idle, and the used share between two readings.

import { cpuModes, type CpuTimes } from './documents/evidence/host-reading.ts';

export interface CpuSeconds {
  all: number;
  idle: number;
  iowait: number;
}

export function cpuSeconds(cpus: readonly CpuTimes[]): CpuSeconds {
  const sum = { all: 0, idle: 0, iowait: 0 };
  for (const times of cpus) {
    for (const mode of cpuModes) sum.all += times[mode];
    sum.idle += times.idle;
    sum.iowait += times.iowait;
  }
  return sum;
}

/** @returns the used share of all cores; undefined if a counter decreased */
export function cpuUse(before: readonly CpuTimes[], after: readonly CpuTimes[]): number | undefined {
  const [from, to] = [cpuSeconds(before), cpuSeconds(after)];
  // Each difference first: (a + b) - a - b may be below 0 in binary fractions, and a busy CPU then had no use.
  const resting = to.idle - from.idle + (to.iowait - from.iowait);
  const all = to.all - from.all;
  return all > 0 && resting >= 0 ? (all - resting) / all : undefined;
}
