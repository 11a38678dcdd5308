// Counts the pauses in the GC logs of a host from the first call on, without storing anything.

import type { Clock } from '../../core/clock.ts';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import type { ProcessReading } from '../../core/documents/evidence/process-reading.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import type { HostFiles, Io } from '../host-files.ts';
import type { LinuxRoots } from '../linux/roots.ts';
import type { ProcessWatch } from '../processes/process-watch.ts';
import type { GcLogsConfig } from './config.ts';
import { createGcLogTail } from './tail.ts';

export interface CountedPauses {
  /** Counts since the log was followed; absent while there is no evidence that the JVM logs pauses to it. */
  counts?: { pauses: number; pauseSeconds: number };
  /** Longest pause since the previous `take`; absent if there were none. */
  longestPauseSeconds?: number;
  /** Live data after the last collection of the old generation, as a share of the maximum heap. */
  heapUsedRatio?: number;
}

export type PauseCounts = ReturnType<typeof createPauseCounts>;

/** A restarted JVM may log under another name; each search for processes reads much of /proc. */
const processesEverySeconds = 30;
/** Collectors that stop all threads in each collection, so that a log without pauses proves that there were none. */
const stopTheWorld: ReadonlySet<string> = new Set(['Serial', 'Parallel', 'CMS', 'G1']);

interface CountOptions {
  roots: Pick<LinuxRoots, 'procfs' | 'rootfs'>;
  wanted: GcLogsConfig;
  processes: ProcessWatch;
  clock: Pick<Clock, 'now' | 'monotonic'>;
}

interface Counted {
  pauses: number;
  pauseSeconds: number;
  longestSeconds: number | undefined;
  hasGrown: boolean;
}

export function createPauseCounts(host: string, files: HostFiles, { roots, wanted, processes, clock }: CountOptions) {
  const counted = new Map<string, Counted>();
  const tail = createGcLogTail(host, files, { roots, wanted, clock, onEvent: count });
  let watched: { processes: Promise<readonly ProcessReading[]>; at: number } | undefined;

  function count(log: string, event: GcEvent): void {
    const sums = countedOf(log);
    sums.hasGrown = true;
    if (event.kind !== 'pause') return;
    sums.pauses += 1;
    sums.pauseSeconds += event.ownSeconds;
    sums.longestSeconds = Math.max(event.durationSeconds, sums.longestSeconds ?? 0);
  }

  function countedOf(log: string): Counted {
    const begin = () => ({ pauses: 0, pauseSeconds: 0, longestSeconds: undefined, hasGrown: false });
    return getOrMake(counted, log, begin);
  }

  /** Cached for the brokers of one machine, which are read at the same time. */
  function readProcesses(io: Io): Promise<readonly ProcessReading[]> {
    if (watched === undefined || clock.monotonic() - watched.at >= processesEverySeconds) {
      const reading = processes.sample(io);
      watched = { processes: reading, at: clock.monotonic() };
      reading.catch(() => (watched = undefined));
    }
    return watched.processes;
  }

  function take({ name, totals, isStalled }: GcLogReading): CountedPauses {
    const sums = countedOf(name);
    const { pauses, pauseSeconds, longestSeconds, hasGrown } = sums;
    sums.longestSeconds = undefined;
    const isWritten = hasGrown || isStalled === false;
    const showsPauses = pauses > 0 || stopTheWorld.has(totals?.collector ?? '');
    const { liveSetBytes, heapMaxBytes } = totals ?? {};
    return {
      ...(isWritten && showsPauses && { counts: { pauses, pauseSeconds } }),
      ...(longestSeconds !== undefined && { longestPauseSeconds: longestSeconds }),
      ...(liveSetBytes !== undefined &&
        heapMaxBytes !== undefined && { heapUsedRatio: Math.min(1, liveSetBytes / heapMaxBytes) }),
    };
  }

  return {
    /**
     * Returns processes to map logs to brokers. Rejects if the machine does not answer, because pauses are then
     * unknown.
     */
    async sample(io: Io): Promise<{ processes: readonly ProcessReading[]; logs: readonly GcLogReading[] }> {
      const running = await readProcesses(io);
      return { processes: running, logs: await tail.read(running, io) };
    },
    take,
    [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose](),
  };
}
