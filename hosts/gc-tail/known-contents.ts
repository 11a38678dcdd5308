// Tracks which parts of a log were read and which current files hold them; does no I/O.

import { recognise, unchanged, type Content, type SeenFile } from './contents.ts';
import { isBeingWritten, unrotated } from './file-pattern.ts';
import { headStampMs } from './head-stamp.ts';

/** At least as many files as one rotation of a large set removes, and more than are hidden by renames at one time. */
const mostMissing = 100;

export class KnownContents {
  #contents: Content[];
  /** Content of each current file, by identity. */
  readonly #holds = new Map<string, Content>();
  #missing: ReadonlySet<Content> = new Set();

  constructor(contents: readonly Content[]) {
    this.#contents = [...contents];
  }

  get all(): readonly Content[] {
    return this.#contents;
  }

  /** Starts a new scan of the files. */
  begin(): void {
    this.#holds.clear();
  }

  /** @returns whether the file is unchanged and so need not be opened */
  isUnchanged(seen: SeenFile): boolean {
    const known = unchanged(this.#contents, seen);
    if (known !== undefined) this.#holds.set(seen.identity, known);
    return known !== undefined;
  }

  /** @param from offset at which to start reading unknown content. @returns the file's content */
  identify(seen: SeenFile, head: string, from: number): Content {
    const { identity, modifiedAtMs, path } = seen;
    let content = recognise(this.#contents, identity, head);
    if (content === undefined || isRestarted(content, seen)) {
      content = { identity, modifiedAtMs, head, offset: from, source: unrotated(path) };
      this.#contents.push(content);
    }
    for (const other of this.#contents) if (other.identity === identity) other.identity = '';
    content.identity = identity;
    content.modifiedAtMs = modifiedAtMs;
    if (head.length > content.head.length) content.head = head;
    this.#holds.set(identity, content);
    return content;
  }

  /** Forgets missing files late, oldest first, because a file may be renamed between two scans of its folder. */
  end(): void {
    const held = new Set(this.#holds.values());
    this.#missing = new Set(this.#contents.filter((content) => !held.has(content)));
    const forgotten = new Set([...this.#missing].slice(0, -mostMissing));
    this.#contents = this.#contents.filter((content) => !forgotten.has(content));
  }

  /** Checks whether a known file is missing under every name: it was removed, or is being renamed right now. */
  misses(found: readonly SeenFile[]): boolean {
    const there = new Set(found.map(({ identity }) => identity));
    return this.#contents.some((content) => !there.has(content.identity) && !this.#missing.has(content));
  }

  unreadBytes({ identity, sizeBytes }: SeenFile): number {
    return Math.max(0, sizeBytes - (this.#holds.get(identity)?.offset ?? 0));
  }
}

/** Without dates, a restarted JVM logs the same first bytes; with dates, a shorter file is an incomplete copy. */
const isRestarted = ({ identity, offset, head }: Content, seen: SeenFile): boolean =>
  seen.sizeBytes < offset &&
  (identity === seen.identity || isBeingWritten(seen.path)) &&
  headStampMs(head) === undefined;
