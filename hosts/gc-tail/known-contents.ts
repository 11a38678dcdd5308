// Tracks which parts of a log were read and which current files hold them; does no I/O.

import { recognise, unchanged, type Content, type SeenFile } from './contents.ts';
import { isBeingWritten, unrotated } from './file-pattern.ts';
import { headStampMs } from './head-stamp.ts';

/** As many as one rotation of a large set may remove, and more than a folder hides at a time. */
const mostMissing = 100;

export class KnownContents {
  #contents: Content[];
  /** What each of the files there are holds, by identity. */
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

  /** @returns whether the file is as it was left, so that it need not be opened */
  isUnchanged(seen: SeenFile): boolean {
    const known = unchanged(this.#contents, seen);
    if (known !== undefined) this.#holds.set(seen.identity, known);
    return known !== undefined;
  }

  /** @param from where to begin what was never seen. @returns what the file holds */
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

  /** A file may be renamed between two scans of its folder, so a missing one is forgotten late, oldest first. */
  end(): void {
    const held = new Set(this.#holds.values());
    this.#missing = new Set(this.#contents.filter((content) => !held.has(content)));
    const forgotten = new Set([...this.#missing].slice(0, -mostMissing));
    this.#contents = this.#contents.filter((content) => !forgotten.has(content));
  }

  /** Whether something is not there by any name: it was removed, or is being renamed right now. */
  misses(found: readonly SeenFile[]): boolean {
    const there = new Set(found.map(({ identity }) => identity));
    return this.#contents.some((content) => !there.has(content.identity) && !this.#missing.has(content));
  }

  unreadBytes({ identity, sizeBytes }: SeenFile): number {
    return Math.max(0, sizeBytes - (this.#holds.get(identity)?.offset ?? 0));
  }
}

/** Without dates, a JVM that restarts logs the same first bytes; with them, a shorter file is a copy that is being made. */
const isRestarted = ({ identity, offset, head }: Content, seen: SeenFile): boolean =>
  seen.sizeBytes < offset &&
  (identity === seen.identity || isBeingWritten(seen.path)) &&
  headStampMs(head) === undefined;
