// How long was each core in each mode? From /proc/stat.

import type { CpuTimes } from '../../core/host-reading.ts';
import { parseCounters, wholeLines } from './whole-lines.ts';

/** USER_HZ, the unit of /proc/stat for programs: 100 on every architecture Kafka and RocketMQ run on (man 5 proc_stat). */
const ticksPerSecond = 100;

/*
 *   cpu  5254 0 3348 169216 846 0 73 10 0 0        all cores: left out, the sum is ours to make
 *   cpu0 2194 0 1330 85764 42 0 14 1 0 0           user nice system idle iowait irq softirq steal (guest guest_nice)
 *
 * Guest time is counted in user and nice already.
 */
export function parseStat(text: string): CpuTimes[] {
  const cpus: CpuTimes[] = [];
  for (const line of wholeLines(text)) {
    const [, cpu, rest] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
    if (cpu === undefined || rest === undefined) continue;
    const ticks = parseCounters(rest.trim().split(/\s+/))?.map((value) => value / ticksPerSecond);
    const [user, nice, system, idle, iowait, irq, softirq, steal] = ticks ?? [];
    if (user === undefined || nice === undefined || system === undefined || idle === undefined) continue;
    if (iowait === undefined || irq === undefined || softirq === undefined || steal === undefined) continue;
    const times = { user, nice, system, idle, iowait, irq, softirq, steal };
    const number = Number(cpu);
    cpus.push(number === cpus.length ? times : { cpu: number, ...times });
  }
  return cpus;
}
