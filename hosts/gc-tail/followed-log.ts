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
import { KnownContents } from './known-contents.ts';
import { OpenFiles } from './open-files.ts';
import { Source, type SourceState } from './source.ts';
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

export class FollowedLog implements AsyncDisposable {
  /** Reading of everything read and stored; undefined before the first collection. */
  reading: GcLogReading | undefined;
  #patterns: readonly string[];
  readonly #options: Options;
  readonly #totals: GcTailCheckpoint['totals'];
  readonly #sources = new Map<string, Source>();
  readonly #open: OpenFiles;
  readonly #contents: KnownContents;
  #hasCaughtUp: boolean;
  #isNew: boolean;
  #file: string | undefined;
  #isKept = true;

  private constructor(options: Options, kept: GcTailCheckpoint | undefined) {
    this.#options = options;
    this.#open = new OpenFiles(options.files);
    this.#totals = kept?.totals ?? newTotals();
    this.#contents = new KnownContents(kept?.contents ?? []);
    this.#hasCaughtUp = kept?.hasCaughtUp ?? false;
    this.#isNew = kept === undefined;
    this.#patterns = kept?.patterns ?? [];
    for (const source of kept?.sources ?? []) {
      this.#sources.set(source.name, this.#newSource(source.name, source));
    }
  }

  /** @returns the log in its stored state, and why totals restart if that state is unusable */
  static async open(options: Options): Promise<{ log: FollowedLog; restartReason?: string }> {
    if (options.path === undefined) return { log: new FollowedLog(options, undefined) };
    const read = await readCheckpoint(options.path);
    const log = new FollowedLog(options, read.kind === 'read' ? read.checkpoint : undefined);
    if (read.kind !== 'unusable') return { log };
    return { log, restartReason: `cannot use ${options.path}, totals restart: ${read.reason}` };
  }

  get patterns(): readonly string[] {
    return this.#patterns;
  }

  /** @param patterns paths of the running JVM last; earlier ones are read to their end */
  lookFor(patterns: readonly string[]): void {
    if (patterns.join('\n') === this.#patterns.join('\n')) return;
    this.#patterns = patterns;
    this.#isKept = false;
  }

  /** Checks whether a known file is missing under every name: it was removed, or is being renamed right now. */
  misses(found: readonly SeenFile[]): boolean {
    return this.#contents.misses(found);
  }

  /** @throws AppError if a file could not be read; earlier results are kept */
  async collect({ found, unlisted }: FoundFiles, budget: ReadingBudget, io: Io): Promise<void> {
    await using opened = new AsyncDisposableStack();
    try {
      await this.#drainRemoved(found, budget, io);
      const changed = await this.#lookAt(found, opened, io);
      // Files that appear later were started while the log was followed.
      if (this.#isNew && (found.length > 0 || unlisted.size === 0)) {
        this.#isNew = false;
        this.#isKept = false;
      }
      this.#contents.end();
      for (const file of changed) await this.#drain(file, { opened, budget, io });
      await this.#endOld(found);
    } finally {
      await this.#keep(found);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open[Symbol.asyncDispose]();
  }

  /** Reads the rest of a removed file before closing it, because its writer may still run. */
  async #drainRemoved(found: readonly SeenFile[], budget: ReadingBudget, io: Io): Promise<void> {
    const there = new Set(found.map(({ identity }) => identity));
    for (const { content, file, identity } of this.#open.all) {
      if (there.has(identity)) continue;
      try {
        const { sizeBytes } = await file.stat(io);
        await this.#read(content, file, sizeBytes, budget, io);
      } catch {
        // The connection of the open file broke; if the file has another name, it is found again.
        await this.#open.close(content.source);
      }
    }
  }

  /** Opens changed files and identifies them by their first bytes. */
  async #lookAt(found: readonly SeenFile[], opened: AsyncDisposableStack, io: Io): Promise<ChangedFile[]> {
    this.#contents.begin();
    const newest = this.#isNew
      ? inOrder(found, { isCurrent: () => false, isBeingWritten, begunAtMs: () => undefined }).at(-1)
      : undefined;
    const changed: ChangedFile[] = [];
    for (const seen of found) {
      // An empty file cannot be identified yet.
      if (this.#contents.isUnchanged(seen) || seen.sizeBytes === 0) continue;
      const { file: open, head } = await this.#open.openWithHead(seen, opened, io);
      if (head === '') continue;
      // Skip content from before the log was first followed, except in the file being written.
      const content = this.#contents.identify(seen, head, this.#isNew && seen !== newest ? seen.sizeBytes : 0);
      const isHistory = this.#isNew && this.#options.path === undefined;
      if (seen.sizeBytes > content.offset) changed.push({ ...seen, content, open, isHistory });
    }
    return inOrder(changed, {
      isCurrent: ({ content }) => this.#open.isReading(content),
      isBeingWritten,
      begunAtMs: ({ content }) => headStampMs(content.head),
    });
  }

  async #drain(
    { content, open, sizeBytes, path, identity, isHistory }: ChangedFile,
    { opened, budget, io }: { opened: AsyncDisposableStack; budget: ReadingBudget; io: Io },
  ): Promise<void> {
    this.#open.keep({ content, file: open, identity }, opened);
    this.#file = path;
    if (isHistory) await this.#skip(content, open, sizeBytes, io);
    else await this.#read(content, open, sizeBytes, budget, io);
    if (!this.#sourceOf(content).isGcLog && content.offset > longestPreface) {
      throw new AppError('gc-log-unreadable', `${path} is not a GC log: no GC in its first ${content.offset} bytes`);
    }
  }

  async #skip(content: Content, file: OpenFile, end: number, io: Io): Promise<void> {
    const parts = { totals: this.#totals, onEvent: this.#options.onEvent };
    this.#sources.set(content.source, await skipHistory({ content, file, end }, parts, io));
  }

  async #read(content: Content, file: OpenFile, end: number, budget: ReadingBudget, io: Io): Promise<void> {
    const source = this.#sourceOf(content);
    while (content.offset < end) {
      const length = Math.min(chunkBytes, end - content.offset, budget.bytes);
      if (length === 0) return;
      budget.bytes -= length;
      const bytes = await file.read(content.offset, length, io);
      if (bytes.length === 0) return;
      source.push(content, bytes);
      this.#isKept = false;
    }
    source.settle();
  }

  #sourceOf({ source: name }: Content): Source {
    return getOrMake(this.#sources, name, () => this.#newSource(name));
  }

  #newSource(name: string, kept?: SourceState): Source {
    return new Source(name, this.#totals, { ...(kept && { kept }), onEvent: this.#options.onEvent });
  }

  /** Ends open records of JVMs that have ended, which would otherwise never be closed. */
  async #endOld(found: readonly SeenFile[]): Promise<void> {
    const newest = Math.max(...found.map(({ modifiedAtMs }) => modifiedAtMs));
    for (const [name, source] of this.#sources) {
      const own = found.filter(({ path }) => unrotated(path) === name);
      const isOld = own.every(({ modifiedAtMs }) => modifiedAtMs < newest - endedAfterMs);
      const isDrained = own.every((file) => this.#contents.unreadBytes(file) === 0);
      if (found.length === 0 || !isOld || !isDrained) continue;
      source.end();
      await this.#open.close(name);
      this.#sources.delete(name);
      this.#isKept = false;
    }
  }

  /** Publishes only stored totals; otherwise totals would decrease after a crash. */
  async #keep(found: readonly SeenFile[]): Promise<void> {
    const unreadBytes = found.reduce((sum, file) => sum + this.#contents.unreadBytes(file), 0);
    if (unreadBytes === 0 && found.length > 0 && !this.#hasCaughtUp) {
      this.#hasCaughtUp = true;
      this.#isKept = false;
    }
    const lastWriteAtMs = Math.max(...found.map(({ modifiedAtMs }) => modifiedAtMs));
    const reading: GcLogReading = {
      name: this.#options.name,
      unreadBytes,
      ...(this.#file !== undefined && { file: this.#file }),
      ...(found.length > 0 && { lastWriteAtSeconds: lastWriteAtMs / 1000 }),
      ...(this.#hasCaughtUp && { totals: structuredClone(this.#totals) }),
    };
    const { path } = this.#options;
    if (!this.#isKept && path !== undefined) await writeCheckpoint(path, this.#checkpoint());
    this.#isKept = true;
    this.reading = reading;
  }

  #checkpoint(): GcTailCheckpoint {
    const kept = new Map([...this.#sources.values()].map((source) => [source.name, source.keep()]));
    return {
      version: 1,
      patterns: [...this.#patterns],
      contents: this.#contents.all.map((content) => ({
        ...content,
        offset: kept.get(content.source)?.offsetOf(content) ?? content.offset,
      })),
      sources: [...kept.values()].map(({ state }) => state),
      hasCaughtUp: this.#hasCaughtUp,
      totals: this.#totals,
    };
  }
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
  const beginning = new Source(content.source, earlier);
  beginning.push(content, await file.read(0, Math.min(beginningBytes, end), io));
  beginning.end();
  copyFacts(totals, earlier);
  content.offset = end;
  const { state } = beginning.keep();
  return new Source(content.source, totals, { kept: { ...state, jvm: newJvm() }, onEvent });
}
