// Follows all GC logs of a host; each reading continues at the end of the previous one and has a byte limit.

import { join } from 'node:path';
import { join as joinThere } from 'node:path/posix';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, timeoutAfter, untilAborted } from '../../core/clock.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { GcLogReading } from '../../core/documents/evidence/gc-log-reading.ts';
import type { ProcessReading } from '../../core/documents/evidence/process-reading.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import type { FileStat, HostFiles, Io } from '../host-files.ts';
import type { LinuxRoots } from '../linux/roots.ts';
import type { GcLogsConfig } from './config.ts';
import type { SeenFile } from './contents.ts';
import { isBeingWritten, parseFilePattern } from './file-pattern.ts';
import { type FollowedLog, openFollowedLog, type ReadingBudget } from './followed-log.ts';
import { logsOfProcesses } from './logs-of-processes.ts';

/** Takes a tenth of a second to parse; a log of 100 MB needs several readings. */
const bytesPerReading = 8 * 2 ** 20;
/** If logs are renamed during every look, the file being written is read in the next reading. */
const mostLooks = 4;
/** If a pattern matches more files, the newest are read. */
const mostFiles = 100;
/** Limit of patterns of restarted JVMs, for which logs may not be read to the end yet. */
const mostPatterns = 6;
/** Even an idle broker collects garbage within this time. */
const stalledAfterSeconds = 3600;
/** A file on a hung mount closes only when the mount answers. */
const longestCloseSeconds = 1;

export type GcLogTail = ReturnType<typeof createGcLogTail>;

interface Followed {
  log: FollowedLog;
  /** Reason why totals restart, until it was reported. */
  restartReason?: string;
  trouble?: string;
}

interface TailOptions {
  roots: Pick<LinuxRoots, 'procfs' | 'rootfs'>;
  /** Absent: logs of the watched processes. */
  wanted: GcLogsConfig;
  /** Absent: logs are followed from their end, and nothing is stored. */
  stateDirectory?: string;
  clock: Pick<Clock, 'now'>;
  /** Called with each event and the name of its log. */
  onEvent?(log: string, event: GcEvent): void;
}

export function createGcLogTail(
  host: string,
  files: HostFiles,
  { roots, wanted, stateDirectory, clock, onEvent }: TailOptions,
) {
  const followed = new Map<string, Followed>();
  let collecting: Promise<void> | undefined;
  const closing = new AbortController();

  const collectOnce = (processes: readonly ProcessReading[], { signal }: Io): Promise<void> => {
    // A deadline only ends its caller's wait: a hung call keeps its thread, and another call would block one more.
    collecting ??= collect(processes, { signal: closing.signal }).finally(() => (collecting = undefined));
    return untilAborted(collecting, signal);
  };
  const tellAll = (processes: readonly ProcessReading[]) =>
    [...followed].map(([name, each]) => tell(name, each, processes));

  return {
    /** @param processes names, options and start times of the watched processes. Never rejects: failures are logged */
    async sample(processes: readonly ProcessReading[], io: Io): Promise<GcLogReading[]> {
      // At the deadline, running reads continue, and the totals so far are returned.
      await collectOnce(processes, io).catch(ignoreFault('totals known so far are returned'));
      return tellAll(processes);
    },
    /** Like `sample`, but rejects if the host does not answer in time, because totals would be outdated. */
    async read(processes: readonly ProcessReading[], io: Io): Promise<GcLogReading[]> {
      await collectOnce(processes, io);
      return tellAll(processes);
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new AppError('host-hung', 'the reading of the GC logs was abandoned'));
      const late = timeoutAfter(longestCloseSeconds);
      await untilAborted(close(), late).catch((fault: unknown) => {
        if (!late.aborted) throw fault;
      });
    },
  };

  async function close(): Promise<void> {
    await collecting?.catch(ignoreFault('the collection has reported its failure'));
    for (const { log } of followed.values()) await log[Symbol.asyncDispose]();
  }

  async function collect(processes: readonly ProcessReading[], io: Io): Promise<void> {
    await choose(processes, io);
    const reached = await skipHungMounts(io);
    if (reached.size === 0) return;
    let { found, unlisted } = await findFiles(reached, io);
    // A log may have been renamed between the look at names and the look at files.
    if ([...reached].some(([name, { log }]) => log.misses(found.get(name) ?? []))) {
      ({ found, unlisted } = await findFiles(reached, io));
    }
    const budget: ReadingBudget = { bytes: bytesPerReading };
    await Promise.all(
      [...reached].map(async ([name, each]) => {
        let own = found.get(name) ?? [];
        try {
          await each.log.collect({ found: own, unlisted }, budget, io).catch(async (error: unknown) => {
            // The file was renamed between the look and the opening.
            if (!isFileGone(error)) throw error;
            const again = await findFiles(reached, io);
            own = again.found.get(name) ?? [];
            await each.log.collect({ ...again, found: own }, budget, io);
          });
          if (own.length > 0) delete each.trouble;
          else each.trouble = `no file matches ${each.log.patterns.join(', ')}`;
        } catch (error) {
          each.trouble = error instanceof AppError ? error.message : `cannot be followed: ${(error as Error).message}`;
        }
      }),
    );
  }

  async function choose(processes: readonly ProcessReading[], io: Io): Promise<void> {
    const chosen =
      wanted === undefined
        ? await logsOfProcesses(files, roots, processes, io)
        : new Map(
            Object.entries(wanted).map(([name, { files: paths }]) => [
              name,
              [paths].flat().map((path) => joinThere(roots.rootfs, path)),
            ]),
          );
    for (const [name, patterns] of chosen) {
      const known = followed.get(name) ?? (await open(name));
      const earlier = wanted === undefined ? known.log.patterns.filter((path) => !patterns.includes(path)) : [];
      known.log.lookFor([...earlier, ...patterns].slice(-mostPatterns));
      followed.set(name, known);
    }
    if (wanted !== undefined) return;
    // A process that ended is watched for a while longer, to read its last output.
    const watched = new Set(processes.map(({ name }) => name));
    for (const [name, { log }] of followed) {
      if (watched.has(name) || chosen.has(name)) continue;
      followed.delete(name);
      await log[Symbol.asyncDispose]();
    }
  }

  async function open(name: string): Promise<Followed> {
    const listener = onEvent && { onEvent: (event: GcEvent) => onEvent(name, event) };
    const path =
      stateDirectory && join(stateDirectory, 'gc-logs', encodeURIComponent(host), `${encodeURIComponent(name)}.json`);
    return openFollowedLog({ name, path, files, ...listener });
  }

  /** A call on a hung mount would block a local thread, or over SFTP every other request. */
  async function skipHungMounts(io: Io): Promise<ReadonlyMap<string, Followed>> {
    if (followed.size === 0) return followed;
    const foldersOf = ({ log }: Followed) => log.patterns.map((path) => parseFilePattern(path).folder);
    const folders = new Set([...followed.values()].flatMap(foldersOf));
    const { hung } = await files.statFileSystems([...folders], io);
    const reached = new Map(followed);
    for (const [name, each] of followed) {
      const folder = foldersOf(each).find((path) => hung.includes(path));
      if (folder === undefined) continue;
      each.trouble = `cannot read ${folder}: its mount hangs`;
      reached.delete(name);
    }
    return reached;
  }

  async function findFiles(
    logs: ReadonlyMap<string, Followed>,
    io: Io,
  ): Promise<{ found: Map<string, SeenFile[]>; unlisted: ReadonlySet<string> }> {
    const patterns = [...logs].map(([name, { log }]) => ({ name, all: log.patterns.map(parseFilePattern) }));
    const folders = new Set(patterns.flatMap(({ all }) => all.map(({ folder }) => folder)));
    const pathsIn = (listing: ReadonlyMap<string, readonly string[]>) =>
      patterns.map(({ name, all }) => ({
        name,
        paths: all.flatMap(({ folder, matches }) =>
          (listing.get(folder) ?? []).filter(matches).map((file) => joinThere(folder, file)),
        ),
      }));
    let listing = await files.listAll([...folders], io);
    let paths = pathsIn(listing);
    let looked = paths;
    let stats = new Map<string, FileStat>();
    for (let look = 0; look < mostLooks; look++) {
      looked = paths;
      stats = new Map(await files.statAll([...new Set(looked.flatMap((each) => each.paths))], io));
      listing = await files.listAll([...folders], io);
      paths = pathsIn(listing);
      if (isDeepStrictEqual(sorted(looked), sorted(paths))) break;
    }
    const found = looked.map(({ name, paths: own }, index): [string, SeenFile[]] => [
      name,
      [...new Set(own)]
        // After a rename, skip the file being written: a missing earlier file would otherwise be read after it.
        .filter((path) => !isBeingWritten(path) || isDeepStrictEqual(own.toSorted(), paths[index]?.paths.toSorted()))
        .flatMap((path) => {
          const stat = stats.get(path);
          // Hosts without inodes use the path as identity; the heads of files distinguish them.
          return stat === undefined ? [] : [{ ...stat, path, identity: stat.identity ?? path }];
        })
        .toSorted((a, b) => b.modifiedAtMs - a.modifiedAtMs)
        .slice(0, mostFiles),
    ]);
    return { found: new Map(found), unlisted: new Set([...folders].filter((folder) => !listing.has(folder))) };
  }

  function tell(name: string, each: Followed, processes: readonly ProcessReading[]): GcLogReading {
    const { log, restartReason, trouble = restartReason } = each;
    delete each.restartReason;
    const reading = log.reading ?? { name, unreadBytes: 0 };
    const process = processes.find((each) => each.name === name);
    return {
      ...reading,
      ...(trouble !== undefined && { trouble }),
      ...(process?.state === 'running' && { isStalled: isStalled(reading, process.process.startedAtSeconds) }),
    };
  }

  function isStalled({ lastWriteAtSeconds }: GcLogReading, startedAtSeconds: number): boolean {
    if (lastWriteAtSeconds === undefined || lastWriteAtSeconds < Math.floor(startedAtSeconds)) return true;
    return clock.now().getTime() / 1000 - lastWriteAtSeconds > stalledAfterSeconds;
  }
}

/** Codes of a missing file in Node and in SFTP (SSH_FX_NO_SUCH_FILE). */
const goneCodes: ReadonlySet<unknown> = new Set(['ENOENT', 2]);
const isFileGone = (error: unknown) =>
  error instanceof AppError && goneCodes.has((error.cause as { code?: unknown } | undefined)?.code);

const sorted = (logs: readonly { paths: readonly string[] }[]) => logs.map(({ paths }) => paths.toSorted());
