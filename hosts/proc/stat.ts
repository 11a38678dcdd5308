// Parses figures of the whole kernel: /proc/stat, loadavg, uptime and pressure.

import { defined } from '../../core/defined.ts';
import {
  cpuModes,
  type CpuMode,
  type CpuTimes,
  type KernelActivity,
  type HostReading,
} from '../../core/documents/evidence/host-reading.ts';
import { parseCounters, wholeLines, numbersIn } from './whole-lines.ts';
import type { Pressure } from '../../core/documents/evidence/pressure.ts';

// Parses /proc/stat: time per core and mode, and kernel-wide counters.

/**
 * USER_HZ, the unit of /proc/stat in user space: 100 on every architecture that Kafka and RocketMQ run on (man 5
 * proc_stat).
 */
const ticksPerSecond = 100;

/*
 *   cpu  5254 0 3348 169216 846 0 73 10 0 0        all cores: skipped, because sums are computed here
 *   cpu0 2194 0 1330 85764 42 0 14 1 0 0           user nice system idle iowait irq softirq steal guest guest_nice
 *   intr 2106277 0 9 0 …                           all interrupts, then each
 *   ctxt 6140034
 *   btime 1795181323                               boot time, seconds since the epoch
 *   processes 26737                                forks since boot
 *   procs_running 2
 *   procs_blocked 0
 *
 * User and nice already include guest time; guest exists since Linux 2.6.24, guest_nice since 2.6.33.
 */
export function parseStat(text: string): CpuTimes[] {
  const cpus: CpuTimes[] = [];
  for (const line of wholeLines(text)) {
    const [, cpu, rest] = /^cpu(\d+) (.*)$/.exec(line) ?? [];
    if (cpu === undefined || rest === undefined) continue;
    const ticks = parseCounters(rest.trim().split(/\s+/))?.map((value) => value / ticksPerSecond);
    if (ticks === undefined || ticks.length < cpuModes.length) continue;
    const times = Object.fromEntries(cpuModes.map((mode, at) => [mode, ticks[at]])) as Record<CpuMode, number>;
    const [guest, guestNice] = ticks.slice(cpuModes.length);
    const number = Number(cpu);
    cpus.push({ ...(number !== cpus.length && { cpu: number }), ...times, ...defined({ guest, guestNice }) });
  }
  return cpus;
}

const activity = {
  btime: 'bootTimeSeconds',
  intr: 'interrupts',
  ctxt: 'contextSwitches',
  processes: 'forks',
  procs_running: 'processesRunning',
  procs_blocked: 'processesBlocked',
} as const satisfies Record<string, keyof KernelActivity>;

export function parseKernelActivity(text: string): KernelActivity | undefined {
  const found: KernelActivity = {};
  for (const line of wholeLines(text)) {
    const [, name, value] = /^([a-z_]+) (\d+)(?: |$)/.exec(line) ?? [];
    if (name !== undefined && Object.hasOwn(activity, name))
      found[activity[name as keyof typeof activity]] = Number(value);
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

// Parses /proc/loadavg.

/** Parses `0.42 0.30 0.25 1/94 9428`: load over one, five and fifteen minutes, running tasks, last pid. */
export function parseLoadavg(text: string): HostReading['load'] {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+) /.exec(wholeLines(text)[0] ?? '') ?? [];
  return one === undefined ? undefined : { one: Number(one), five: Number(five), fifteen: Number(fifteen) };
}

// Parses /proc/uptime: `20312.48 38120.02`, seconds since boot and idle time of all cores.

export function parseUptime(text: string): number | undefined {
  const [, seconds] = /^(\d+\.\d+) \d+\.\d+\n/.exec(text) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}

// Parses pressure stall information (PSI) from /proc/pressure/{cpu,io,memory}.

/*
 *   some avg10=2.62 avg60=1.41 avg300=0.61 total=10559146     microseconds in which at least one task waited
 *   full avg10=0.00 avg60=0.00 avg300=0.00 total=0            … in which all tasks waited; always 0 for the CPU of a whole machine
 */
export function parsePressure(text: string): Pressure | undefined {
  const { some, full } = numbersIn(text, /^(some|full) .*\btotal=(\d+)$/);
  if (some === undefined) return undefined;
  return { someSeconds: some / 1e6, ...(full !== undefined && { fullSeconds: full / 1e6 }) };
}
