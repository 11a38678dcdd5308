// Parses memory, user, process ids and allowed CPUs of a process from /proc/PID/status.

import type { RunningProcess } from '../../core/documents/evidence/process-reading.ts';
import { numbersIn } from './whole-lines.ts';
import { defined } from '../../core/defined.ts';

/** Lines are `RssAnon:	  436212 kB`; Linux 4.5 added the kinds of resident pages. */
export function parsePidStatus(text: string): Omit<RunningProcess['memory'], 'virtualBytes'> | undefined {
  const bytes = numbersIn(text, /^(\w+):\s+(\d+) kB$/, 1024);
  const residentBytes = bytes['VmRSS'];
  if (residentBytes === undefined) return undefined;
  return defined({
    residentBytes,
    anonymousBytes: bytes['RssAnon'],
    fileBytes: bytes['RssFile'],
    sharedBytes: bytes['RssShmem'],
    swapBytes: bytes['VmSwap'],
  });
}

/**
 * Parses the line `Uid:	1001	0	0	0`: real, effective, saved and file system user.
 * @returns the real user, which a setuid program does not change
 */
export function parseRealUser(text: string): number | undefined {
  const [, user] = /^Uid:\t(\d+)\t/m.exec(text) ?? [];
  return user === undefined ? undefined : Number(user);
}

/**
 * Parses the line `NSpid:	4711	1`, here of process 1 in a container.
 * @returns ids of the process, from the host's process namespace to its own; undefined before Linux 4.1
 */
export function parseNamespacePids(text: string): number[] | undefined {
  const [, ids] = /^NSpid:((?:\t\d+)+)$/m.exec(text) ?? [];
  return ids?.trim().split('\t').map(Number);
}

/**
 * Parses the line `Cpus_allowed_list:	0-3,8`, here of a process that taskset, numactl or a cpuset restricts to five
 * CPUs.
 *
 * @returns the number of CPUs; for an unrestricted process every possible CPU, including offline ones
 */
export function parseAllowedCpus(text: string): number | undefined {
  const [, list = ''] = /^Cpus_allowed_list:\t([\d,-]+)\n/m.exec(text) ?? [];
  const counts = list.split(',').map((range) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range) ?? [];
    return first === undefined ? 0 : Number(last) - Number(first) + 1;
  });
  return counts.every((count) => count > 0) ? counts.reduce((sum, count) => sum + count, 0) : undefined;
}
