// Tracks which parts of a log were read and which current files hold them; does no I/O.

import { recognise, unchanged, type Content, type SeenFile } from './contents.ts';
import { isBeingWritten, unrotated } from './file-pattern.ts';
import { headStampMs } from './head-stamp.ts';

/** At least as many files as one rotation of a large set removes, and more than are hidden by renames at one time. */
const mostMissing = 100;

export function createKnownContents(stored: readonly Content[]) {
  let contents = [...stored];
  /** Content of each current file, by identity. */
  const holds = new Map<string, Content>();
  let missing: ReadonlySet<Content> = new Set();

  return {
    all: (): readonly Content[] => contents,
    /** Starts a new scan of the files. */
    begin(): void {
      holds.clear();
    },
    /** @returns whether the file is unchanged and so need not be opened */
    isUnchanged(seen: SeenFile): boolean {
      const known = unchanged(contents, seen);
      if (known !== undefined) holds.set(seen.identity, known);
      return known !== undefined;
    },
    /** @param from offset at which to start reading unknown content. @returns the file's content */
    identify(seen: SeenFile, head: string, from: number): Content {
      const { identity, modifiedAtMs, path } = seen;
      let content = recognise(contents, identity, head);
      if (content === undefined || isRestarted(content, seen)) {
        content = { identity, modifiedAtMs, head, offset: from, source: unrotated(path) };
        contents.push(content);
      }
      for (const other of contents) if (other.identity === identity) other.identity = '';
      content.identity = identity;
      content.modifiedAtMs = modifiedAtMs;
      if (head.length > content.head.length) content.head = head;
      holds.set(identity, content);
      return content;
    },
    /** Forgets missing files late, oldest first, because a file may be renamed between two scans of its folder. */
    end(): void {
      const held = new Set(holds.values());
      missing = new Set(contents.filter((content) => !held.has(content)));
      const forgotten = new Set([...missing].slice(0, -mostMissing));
      contents = contents.filter((content) => !forgotten.has(content));
    },
    /** Checks whether a known file is missing under every name: it was removed, or is being renamed right now. */
    misses(found: readonly SeenFile[]): boolean {
      const there = new Set(found.map(({ identity }) => identity));
      return contents.some((content) => !there.has(content.identity) && !missing.has(content));
    },
    unreadBytes({ identity, sizeBytes }: SeenFile): number {
      return Math.max(0, sizeBytes - (holds.get(identity)?.offset ?? 0));
    },
  };
}

/** Without dates, a restarted JVM logs the same first bytes; with dates, a shorter file is an incomplete copy. */
const isRestarted = ({ identity, offset, head }: Content, seen: SeenFile): boolean =>
  seen.sizeBytes < offset &&
  (identity === seen.identity || isBeingWritten(seen.path)) &&
  headStampMs(head) === undefined;
