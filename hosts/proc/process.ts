// Parses /proc/<pid>: stat, status, io and limits.

import type { RunningProcess } from '../../core/documents/evidence/process-reading.ts';
import { numbersIn } from './whole-lines.ts';
import { defined } from '../../core/defined.ts';

// Parses start time and CPU time of a process or thread from /proc/PID/stat and /proc/PID/task/TID/stat.

/** USER_HZ, as in stat.ts. */
const ticksPerSecond = 100;

/*
 * 2226 (java) S 1 2226 2226 0 -1 4194304 135610 0 4 0 24333 1452 0 0 20 0 94 0 179454 212754489344 …
 * pid   name  state             flags   minflt  majflt utime stime    threads start  vsize           man 5 proc_pid_stat, fields 1–23
 *               └ parent
 *
 * The name may contain spaces and brackets: it ends at the last bracket.
 */
export function parsePidStat(text: string) {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  if (open < 0 || close < open || !text.endsWith('\n')) return undefined;
  const fields = text.slice(close + 2).split(' ');
  const numbers = [1, 7, 9, 11, 12, 17, 19, 20].map((at) => Number(fields[at] ?? Number.NaN)) as Eight;
  if (!numbers.every(Number.isFinite)) return undefined;
  const [parentPid, minorFaults, majorFaults, user, system, threads, start, virtualBytes] = numbers;
  return {
    name: text.slice(open + 1, close),
    parentPid,
    userSeconds: user / ticksPerSecond,
    systemSeconds: system / ticksPerSecond,
    minorFaults,
    majorFaults,
    threads,
    /** Identifies the process together with the pid, even if the pid is reused. */
    startedAfterBootSeconds: start / ticksPerSecond,
    virtualBytes,
  };
}

type Eight = [number, number, number, number, number, number, number, number];

// Parses memory, user, process ids and allowed CPUs of a process from /proc/PID/status.

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

// Parses /proc/PID/io: the bytes that a process read from and wrote to disks.

/**
 * Parses `read_bytes: 15863808` and `write_bytes: 216743936`; bytes deleted before they reached a disk are in
 * `cancelled_write_bytes`.
 */
export function parsePidIo(text: string): { readBytes: number; writtenBytes: number } | undefined {
  const [, read] = /^read_bytes: (\d+)\n/m.exec(text) ?? [];
  const [, written] = /^write_bytes: (\d+)\n/m.exec(text) ?? [];
  return read === undefined || written === undefined
    ? undefined
    : { readBytes: Number(read), writtenBytes: Number(written) };
}

// Parses the open files limit in /proc/PID/limits.

/**
 * Parses `Max open files            20000                20000                files`: the soft limit is the effective
 * one.
 */
export function parseOpenFilesLimit(text: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)\s/m.exec(text) ?? [];
  return soft === undefined ? undefined : Number(soft);
}
