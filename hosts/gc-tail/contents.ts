// Recognises the files of a rotated log by their first bytes, independent of their current names.
// An inode alone is not enough: it is reused after a file is deleted, and kept when a file is truncated.

import { z } from 'zod';
import { naturalOrder } from '../../core/text/natural-order.ts';
import type { FileStat } from '../host-files.ts';

/** Logs with the same first bytes are the same log, except for two starts of a JVM without dates: see `identify`. */
export const headBytes = 1024;

/** A shorter head may match any log; then only the file identity counts. */
const tellingBytes = 64;

/** Content of one log file from its first to its last byte; a copy of the file has the same content. */
export const Content = z.strictObject({
  /** Identity of the file that last had this content; empty if that file now has other content. */
  identity: z.string(),
  /** Modification time of that file at the last look. */
  modifiedAtMs: z.number(),
  /** First bytes of the file, one character each; as many as existed at the last look. */
  head: z.string(),
  /** Bytes read so far. */
  offset: z.number().int().nonnegative(),
  /** Log file option of the JVM that created the file; contents of one source follow each other. */
  source: z.string(),
});
export type Content = z.infer<typeof Content>;

export type SeenFile = Required<FileStat> & { path: string };

/** @returns the known content of a file that has not changed since it was read and so need not be opened */
export function unchanged(
  contents: readonly Content[],
  { identity, sizeBytes, modifiedAtMs }: SeenFile,
): Content | undefined {
  return contents.find(
    (content) => content.identity === identity && content.offset === sizeBytes && content.modifiedAtMs === modifiedAtMs,
  );
}

/** @param head first `headBytes` of the file, or all of it if shorter. @returns undefined for unknown content */
export function recognise(contents: readonly Content[], identity: string, head: string): Content | undefined {
  const same = contents.filter((content) => beginAlike(content.head, head, content.identity === identity));
  // A copy and its original normally have the same offset; otherwise prefer the one that was read further.
  return same.find((content) => content.identity === identity) ?? same.toSorted((a, b) => b.offset - a.offset)[0];
}

/**
 * Sorts oldest first, beginning with the file that was being read and ending with the file that is being written.
 * @param begunAtMs start time from timestamps in the file; if a file has none, files are sorted by modification time
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
