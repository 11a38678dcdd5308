// Reads the new part of one GC log across rotations, and stores read position and totals together.

import { AppError } from '../../core/errors.ts';
import type { GcLogReading, GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import { getOrMake } from '../../core/get-or-make.ts';
import type { HostFiles, Io, OpenFile } from '../host-files.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import { type GcTailCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { type Content, inOrder, type SeenFile } from './contents.ts';
import { isBeingWritten, unrotated } from './file-pattern.ts';
import { headStampMs } from './head-stamp.ts';
import { createKnownContents } from './known-contents.ts';
import { createOpenFiles } from './open-files.ts';
import { createSource, type Source, type SourceState } from './source.ts';
import { copyFacts, newJvm, newTotals } from './totals.ts';

/** Parsing blocks other work of the process for at most one chunk, some milliseconds. */
const chunkBytes = 128 * 1024;
/** Limit of other output before the first GC line, for a JVM that logs to standard output. */
const longestPreface = 2 ** 20;
/** A JVM no longer writes if its log is this much older than a newer one. */
const endedAfterMs = 60_000;

/** Remaining bytes that this collection may read; shared by all logs of a host. */
export interface ReadingBudget {
  bytes: number;
}

interface FoundFiles {
  found: readonly SeenFile[];
  /** Folders that could not be listed. */
  unlisted: ReadonlySet<string>;
}

interface ChangedFile extends SeenFile {
  content: Content;
  open: OpenFile;
  /** True if its content was written before the log was followed from its end. */
  isHistory: boolean;
}

interface Options {
  name: string;
  /** Path of the checkpoint. Absent: the log is followed from its end, and nothing is stored. */
  path?: string | undefined;
  files: HostFiles;
  onEvent?: ((event: GcEvent) => void) | undefined;
}

export type FollowedLog = Awaited<ReturnType<typeof openFollowedLog>>['log'];

/** @returns the log in its stored state, and why totals restart if that state is unusable */
export async function openFollowedLog(options: Options) {
  const { path } = options;
  const read = path === undefined ? undefined : await readCheckpoint(path);
  const log = followedLog(options, read?.kind === 'read' ? read.checkpoint : undefined);
  if (read?.kind !== 'unusable') return { log };
  return { log, restartReason: `cannot use ${path}, totals restart: ${read.reason}` };
}

function followedLog({ name, path, files, onEvent }: Options, kept: GcTailCheckpoint | undefined) {
  let reading: GcLogReading | undefined;
  let patterns: readonly string[] = kept?.patterns ?? [];
  const openFiles = createOpenFiles(files);
  const contents = createKnownContents(kept?.contents ?? []);
  const totals = kept?.totals ?? newTotals();
  const sources = new Map(kept?.sources.map((source) => [source.name, newSource(source.name, source)]));
  let hasCaughtUp = kept?.hasCaughtUp ?? false;
  let isNew = kept === undefined;
  let lastFile: string | undefined;
  let isKept = true;

  /** Reads the rest of a removed file before closing it, because its writer may still run. */
  async function drainRemoved(found: readonly SeenFile[], budget: ReadingBudget, io: Io): Promise<void> {
    const there = new Set(found.map(({ identity }) => identity));
    for (const { content, file, identity } of openFiles.all()) {
      if (there.has(identity)) continue;
      try {
        const { sizeBytes } = await file.stat(io);
        await read(content, file, sizeBytes, budget, io);
      } catch {
        // The connection of the open file broke; if the file has another name, it is found again.
        await openFiles.close(content.source);
      }
    }
  }

  /** Opens changed files and identifies them by their first bytes. */
  async function lookAt(found: readonly SeenFile[], opened: AsyncDisposableStack, io: Io): Promise<ChangedFile[]> {
    contents.begin();
    const newest = isNew
      ? inOrder(found, { isCurrent: () => false, isBeingWritten, begunAtMs: () => undefined }).at(-1)
      : undefined;
    const changed: ChangedFile[] = [];
    for (const seen of found) {
      // An empty file cannot be identified yet.
      if (contents.isUnchanged(seen) || seen.sizeBytes === 0) continue;
      const { file: open, head } = await openFiles.openWithHead(seen, opened, io);
      if (head === '') continue;
      // Skip content from before the log was first followed, except in the file being written.
      const content = contents.identify(seen, head, isNew && seen !== newest ? seen.sizeBytes : 0);
      const isHistory = isNew && path === undefined;
      if (seen.sizeBytes > content.offset) changed.push({ ...seen, content, open, isHistory });
    }
    return inOrder(changed, {
      isCurrent: ({ content }) => openFiles.isReading(content),
      isBeingWritten,
      begunAtMs: ({ content }) => headStampMs(content.head),
    });
  }

  async function drain(
    { content, open, sizeBytes, path, identity, isHistory }: ChangedFile,
    { opened, budget, io }: { opened: AsyncDisposableStack; budget: ReadingBudget; io: Io },
  ): Promise<void> {
    openFiles.keep({ content, file: open, identity }, opened);
    lastFile = path;
    if (isHistory) await skip(content, open, sizeBytes, io);
    else await read(content, open, sizeBytes, budget, io);
    if (!sourceOf(content).isGcLog() && content.offset > longestPreface) {
      throw new AppError('gc-log-unreadable', `${path} is not a GC log: no GC in its first ${content.offset} bytes`);
    }
  }

  async function skip(content: Content, file: OpenFile, end: number, io: Io): Promise<void> {
    sources.set(content.source, await skipHistory({ content, file, end }, { totals, onEvent }, io));
  }

  async function read(content: Content, file: OpenFile, end: number, budget: ReadingBudget, io: Io): Promise<void> {
    const source = sourceOf(content);
    while (content.offset < end) {
      const length = Math.min(chunkBytes, end - content.offset, budget.bytes);
      if (length === 0) return;
      budget.bytes -= length;
      const bytes = await file.read(content.offset, length, io);
      if (bytes.length === 0) return;
      source.push(content, bytes);
      isKept = false;
    }
    source.settle();
  }

  const sourceOf = ({ source }: Content): Source => getOrMake(sources, source, () => newSource(source));

  function newSource(source: string, state?: SourceState): Source {
    return createSource(source, totals, { ...(state && { kept: state }), onEvent });
  }

  /** Ends open records of JVMs that have ended, which would otherwise never be closed. */
  async function endOld(found: readonly SeenFile[]): Promise<void> {
    const newest = Math.max(...found.map(({ modifiedAtMs }) => modifiedAtMs));
    for (const [key, source] of sources) {
      const own = found.filter((seen) => unrotated(seen.path) === key);
      const isOld = own.every(({ modifiedAtMs }) => modifiedAtMs < newest - endedAfterMs);
      const isDrained = own.every((file) => contents.unreadBytes(file) === 0);
      if (found.length === 0 || !isOld || !isDrained) continue;
      source.end();
      await openFiles.close(key);
      sources.delete(key);
      isKept = false;
    }
  }

  /** Publishes only stored totals; otherwise totals would decrease after a crash. */
  async function keep(found: readonly SeenFile[]): Promise<void> {
    const unreadBytes = found.reduce((sum, file) => sum + contents.unreadBytes(file), 0);
    if (unreadBytes === 0 && found.length > 0 && !hasCaughtUp) {
      hasCaughtUp = true;
      isKept = false;
    }
    const lastWriteAtMs = Math.max(...found.map(({ modifiedAtMs }) => modifiedAtMs));
    const latest: GcLogReading = {
      name,
      unreadBytes,
      ...(lastFile !== undefined && { file: lastFile }),
      ...(found.length > 0 && { lastWriteAtSeconds: lastWriteAtMs / 1000 }),
      ...(hasCaughtUp && { totals: structuredClone(totals) }),
    };
    if (!isKept && path !== undefined) await writeCheckpoint(path, checkpoint());
    isKept = true;
    reading = latest;
  }

  function checkpoint(): GcTailCheckpoint {
    const states = new Map([...sources.values()].map((source) => [source.name, source.keep()]));
    return {
      version: 1,
      patterns: [...patterns],
      contents: contents.all().map((content) => ({
        ...content,
        offset: states.get(content.source)?.offsetOf(content) ?? content.offset,
      })),
      sources: [...states.values()].map(({ state }) => state),
      hasCaughtUp,
      totals,
    };
  }

  return {
    /** Reading of everything read and stored; undefined before the first collection. */
    get reading(): GcLogReading | undefined {
      return reading;
    },
    get patterns(): readonly string[] {
      return patterns;
    },
    /** @param wanted paths of the running JVM last; earlier ones are read to their end */
    lookFor(wanted: readonly string[]): void {
      if (wanted.join('\n') === patterns.join('\n')) return;
      patterns = wanted;
      isKept = false;
    },
    /** Checks whether a known file is missing under every name: it was removed, or is being renamed right now. */
    misses: contents.misses,
    /** @throws AppError if a file could not be read; earlier results are kept */
    async collect({ found, unlisted }: FoundFiles, budget: ReadingBudget, io: Io): Promise<void> {
      await using opened = new AsyncDisposableStack();
      try {
        await drainRemoved(found, budget, io);
        const changed = await lookAt(found, opened, io);
        // Files that appear later were started while the log was followed.
        if (isNew && (found.length > 0 || unlisted.size === 0)) {
          isNew = false;
          isKept = false;
        }
        contents.end();
        for (const file of changed) await drain(file, { opened, budget, io });
        await endOld(found);
      } finally {
        await keep(found);
      }
    },
    [Symbol.asyncDispose]: openFiles[Symbol.asyncDispose],
  };
}

/**
 * A JVM begins its log with its collector and heap size, in at most 4 KiB; in a rotated log the first pauses show the
 * collector.
 */
const beginningBytes = 64 * 1024;

/** @param totals receives facts about the JVM, and no events @returns the source, positioned at `end` */
async function skipHistory(
  { content, file, end }: { content: Content; file: OpenFile; end: number },
  { totals, onEvent }: { totals: GcLogTotals; onEvent?: ((event: GcEvent) => void) | undefined },
  io: Io,
): Promise<Source> {
  const earlier = newTotals();
  const beginning = createSource(content.source, earlier);
  beginning.push(content, await file.read(0, Math.min(beginningBytes, end), io));
  beginning.end();
  copyFacts(totals, earlier);
  content.offset = end;
  const { state } = beginning.keep();
  return createSource(content.source, totals, { kept: { ...state, jvm: newJvm() }, onEvent });
}
