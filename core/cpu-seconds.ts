// Sums CPU time over all cores: total and idle.

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
