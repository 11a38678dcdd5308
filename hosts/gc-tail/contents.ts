// Recognises the files of a rotated log by their first bytes, whatever their current names are.
// An inode alone is not enough: it is reused after a file is deleted, and kept when a file is truncated.

import { z } from 'zod';
import { naturalOrder } from '../../core/text/natural-order.ts';
import type { FileStat } from '../host-files.ts';

/** Logs with the same first bytes are the same log, but for two starts of a JVM that logs no dates: see `identify`. */
export const headBytes = 1024;

/** A shorter head may begin any log; then only the file identity counts. */
const tellingBytes = 64;

/** One stretch of log, from the first byte of a file to its last; a copy holds the same. */
export const Content = z.strictObject({
  /** Of the file it was seen in last; empty when that file holds something else by now. */
  identity: z.string(),
  /** That of this file when it was looked at. */
  modifiedAtMs: z.number(),
  /** Its first bytes, one character each; as many as there were when it was looked at. */
  head: z.string(),
  /** Up to here it was read. */
  offset: z.number().int().nonnegative(),
  /** The option of a JVM that made the file; contents of one follow each other. */
  source: z.string(),
});
export type Content = z.infer<typeof Content>;

export type SeenFile = Required<FileStat> & { path: string };

/** @returns the known content of a file that has not changed since it was read, so that it need not be opened */
export function unchanged(
  contents: readonly Content[],
  { identity, sizeBytes, modifiedAtMs }: SeenFile,
): Content | undefined {
  return contents.find(
    (content) => content.identity === identity && content.offset === sizeBytes && content.modifiedAtMs === modifiedAtMs,
  );
}

/** @param head of the file, of `headBytes` or of all it has. @returns undefined for what was never seen */
export function recognise(contents: readonly Content[], identity: string, head: string): Content | undefined {
  const same = contents.filter((content) => beginAlike(content.head, head, content.identity === identity));
  // A copy and its original are at the same place; if they differ, the one that was read further continues.
  return same.find((content) => content.identity === identity) ?? same.toSorted((a, b) => b.offset - a.offset)[0];
}

/**
 * Oldest first: the file that was being read is first, and the file that is being written is last.
 * @param begunAtMs by the stamps in the file; where one has none, files are ordered by when they were written to last
 */
export function inOrder<File extends SeenFile>(
  files: readonly File[],
  { isCurrent, isBeingWritten, begunAtMs }: Ordering<File>,
): File[] {
  const begun = new Map(files.map((file) => [file, begunAtMs(file)]));
  const areDated = [...begun.values()].every((moment) => moment !== undefined);
  const momentOf = (file: File) => (areDated ? (begun.get(file) ?? 0) : file.modifiedAtMs);
  const rank = (file: File) => Number(!isCurrent(file)) + Number(!isCurrent(file) && isBeingWritten(file.path));
  return files.toSorted(
    (a, b) =>
      Number(isCurrent(b)) - Number(isCurrent(a)) ||
      momentOf(a) - momentOf(b) ||
      rank(a) - rank(b) ||
      naturalOrder(a.path, b.path),
  );
}

interface Ordering<File> {
  isCurrent(file: File): boolean;
  isBeingWritten(path: string): boolean;
  begunAtMs(file: File): number | undefined;
}

function beginAlike(known: string, head: string, isSameFile: boolean): boolean {
  const length = Math.min(known.length, head.length);
  return length >= (isSameFile ? 1 : tellingBytes) && known.slice(0, length) === head.slice(0, length);
}
