// Finds the watched processes, keeps their ids while they run, and reports processes that have ended.

import { join } from 'node:path/posix';
import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import type { ProcessReading } from '../../core/documents/evidence/process-reading.ts';
import type { ProcessesConfig, ProcessMatch } from './config.ts';
import type { HostFiles, Io } from '../host-files.ts';
import { readBootTime } from './boot-time.ts';
import { findJvms, type Jvm } from './find-jvms.ts';
import { javaHomeOf } from './jvm-command.ts';
import { isSameJvm, matchJvm, nameKnownJvms, type NamedJvm } from './match.ts';
import { readProcess, type Remembered } from './read-process.ts';

/** Minimum interval between listings of all processes while one is missing. */
const searchEverySeconds = 5;
/** Without configuration, interval of the search for new processes. */
const lookAroundEverySeconds = 60;
/** How long an unconfigured process is still reported after it ended. */
const rememberGoneSeconds = 3600;

export type ProcessWatch = ReturnType<typeof createProcessWatch>;

interface Watched {
  restarts: number;
  jvm?: Jvm;
  /** Last known JVM, running or not. */
  named?: Jvm;
  version?: string;
  remembered?: Remembered;
  reason: string;
  last?: { seenAtSeconds: number; startedAtSeconds: number; pid: number };
  /** Monotonic time at which the process disappeared. */
  goneSince?: number;
}

/** @param wanted processes by name; absent: all brokers and name servers found */
export function createProcessWatch(
  files: HostFiles,
  { procfs, sysfs, wanted, clock }: { procfs: string; sysfs: string; wanted: ProcessesConfig; clock: Clock },
) {
  const watched = new Map<string, Watched>(
    Object.keys(wanted ?? {}).map((name) => [name, { restarts: 0, reason: 'it was not looked for yet' }]),
  );
  let searchedAt = Number.NEGATIVE_INFINITY;

  return {
    async sample(io: Io): Promise<ProcessReading[]> {
      if (wanted !== undefined && watched.size === 0) return [];
      const readings = new Map<string, ProcessReading>();
      await readInto(readings, io);
      const isMissing = [...readings.values()].some(({ state }) => state === 'gone');
      const waited = clock.monotonic() - searchedAt;
      if ((isMissing && waited >= searchEverySeconds) || (wanted === undefined && waited >= lookAroundEverySeconds)) {
        const began = clock.monotonic();
        await search(io);
        // Set after the search: a search cut off by the deadline is repeated in the next reading.
        searchedAt = began;
        await readInto(readings, io);
      }
      return [...readings.values()];
    },
  };

  async function search(io: Io): Promise<void> {
    const jvms = await findJvms(files, procfs, io);
    const found = wanted === undefined ? nameKnownJvms(jvms, namedJvms()) : await findWanted(jvms, wanted, io);
    for (const [name, jvm] of found) {
      const known = watched.get(name);
      if (known?.named !== undefined && isSameJvm(known.named, jvm)) {
        // The process may listen by now.
        known.jvm = jvm;
        known.named = jvm;
        continue;
      }
      const version = await readVersion(jvm, io);
      watched.set(name, {
        restarts: (known?.restarts ?? 0) + Number(known?.last !== undefined),
        reason: '',
        jvm,
        named: jvm,
        ...defined({ version, last: known?.last }),
      });
    }
  }

  function namedJvms(): Map<string, NamedJvm> {
    return new Map(
      [...watched].flatMap(([name, { jvm, named }]): [string, NamedJvm][] =>
        named === undefined ? [] : [[name, { jvm: named, isRunning: jvm !== undefined }]],
      ),
    );
  }

  async function findWanted(
    jvms: readonly Jvm[],
    matches: Readonly<Record<string, ProcessMatch>>,
    io: Io,
  ): Promise<Map<string, Jvm>> {
    const pidFiles = Object.values(matches).flatMap((match) => ('pidFile' in match ? match.pidFile : []));
    const { texts } = await files.readAll(pidFiles, io);
    const found = new Map<string, Jvm>();
    for (const [name, wantedProcess] of Object.entries(matches)) {
      const match = matchJvm(wantedProcess, jvms, texts);
      const each = watched.get(name);
      if (match.kind === 'found') found.set(name, match.jvm);
      else if (each !== undefined && each.jvm === undefined) each.reason = match.reason;
    }
    return found;
  }

  /** Reads the processes not yet read as running; omits those that are unknown or no longer reported. */
  async function readInto(readings: Map<string, ProcessReading>, io: Io): Promise<void> {
    const unknown = [...watched].filter(([name]) => readings.get(name)?.state !== 'running');
    const isAlive = unknown.some(([, { jvm }]) => jvm !== undefined);
    const bootTimeSeconds = isAlive ? await readBootTime(files, procfs, io) : undefined;
    const read = await Promise.all(
      unknown.map(async ([name, each]) => [name, await readOne(name, each, bootTimeSeconds, io)] as const),
    );
    for (const [name, reading] of read) {
      if (reading === undefined) readings.delete(name);
      else readings.set(name, reading);
    }
  }

  async function readOne(
    name: string,
    each: Watched,
    bootTimeSeconds: number | undefined,
    io: Io,
  ): Promise<ProcessReading | undefined> {
    const { jvm, restarts } = each;
    if (jvm !== undefined) {
      if (bootTimeSeconds === undefined) return undefined;
      const { version, remembered: before } = each;
      const now = () => clock.monotonic();
      const read = await readProcess(files, { procfs, sysfs, jvm, bootTimeSeconds, version, before, now }, io);
      if (read.kind === 'unread') return undefined;
      if (read.kind === 'read') {
        const { pid, startedAtSeconds } = read.process;
        each.last = { seenAtSeconds: clock.now().getTime() / 1000, startedAtSeconds, pid };
        each.remembered = read.remembered;
        return { state: 'running', name, restarts, process: read.process };
      }
      delete each.jvm;
      delete each.remembered;
      each.reason = `process ${jvm.pid} has ended`;
      each.goneSince = clock.monotonic();
    }
    if (wanted === undefined && clock.monotonic() - (each.goneSince ?? 0) > rememberGoneSeconds) {
      watched.delete(name);
      return undefined;
    }
    return { state: 'gone', name, restarts, reason: each.reason, ...(each.last && { last: each.last }) };
  }

  /**
   * Parses `JAVA_VERSION="17.0.15"` in the folder above bin/java, seen through the process's root: it may run in a
   * container.
   */
  async function readVersion({ pid, command }: Jvm, io: Io): Promise<string | undefined> {
    const exe = join(procfs, String(pid), 'exe');
    const home = javaHomeOf(command, (await files.readLinks([exe], io)).get(exe));
    if (home === undefined) return undefined;
    const release = join(procfs, String(pid), 'root', home, 'release');
    const { texts } = await files.readAll([release], io, { regularOnly: true });
    return /^JAVA_VERSION="([^"]{1,64})"/m.exec(texts.get(release) ?? '')?.[1];
  }
}
