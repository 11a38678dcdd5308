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
