// Reads CPU time and resident memory of a process from /proc.

import { readFileSync } from 'node:fs';

/** USER_HZ, which Linux fixes at 100 for /proc on the architectures that Node runs on. */
const ticksPerSecond = 100;

/** Returns user and system time of all threads since the start. */
export function cpuSecondsOf(pid: number): number {
  // The command in parentheses may contain spaces: fields after the last parenthesis count from field 3.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Returns peak resident memory since the start. */
export function peakResidentBytesOf(pid: number): number {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}
