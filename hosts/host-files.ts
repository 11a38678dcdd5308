// Defines how files of a host are read, locally or over SSH.

import type { FileSystem } from '../core/documents/evidence/host-reading.ts';

export interface HostFiles extends AsyncDisposable {
  /**
   * Small files of the kernel, all in one round trip where the machine is far. A file that is missing, forbidden or slower
   * than the rest is not in `texts`; why is in `failures`, by path. Each text is bounded; a longer one is cut.
   * @param how `regularOnly` for paths that a process names: any user may name a pipe, a device or a kernel file. The size of a
   *   kernel file is 0: it is not opened, and its text is empty.
   * @throws AppError host-unreadable when the machine itself does not answer
   */
  readAll(paths: readonly string[], io: Io, how?: { regularOnly?: boolean }): Promise<FileTexts>;
  /** Counts the lines of a file of any length. @throws AppError host-unreadable when the machine itself does not answer */
  countLines(path: string, io: Io): Promise<LineCount>;
  /** Names in each folder, unsorted; a folder that cannot be listed is not in the answer. */
  listAll(folders: readonly string[], io: Io): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Targets of symbolic links, as written; other files are left out. */
  readLinks(paths: readonly string[], io: Io): Promise<ReadonlyMap<string, string>>;
  /** Size and identity of files that are tailed; a file that is gone is not in the answer. */
  statAll(paths: readonly string[], io: Io): Promise<ReadonlyMap<string, FileStat>>;
  /** Opens a regular file that grows; the handle stays on it when it is renamed. @throws AppError host-unreadable */
  open(path: string, io: Io): Promise<OpenFile>;
  /**
   * What tc(8) prints of the queues of network cards; undefined where it is missing or refused.
   * @param namespace file of another network namespace, such as /proc/7/ns/net
   */
  readQueues?(namespace: string | undefined, io: Io): Promise<string | undefined>;
  /** Sizes of mounted file systems; a hung mount is in `hung`, is not waited for and not queried again until it answered. */
  statFileSystems(mountpoints: readonly string[], io: Io): Promise<FileSystems>;
}

export interface Io {
  signal: AbortSignal;
}

export interface FileTexts {
  texts: ReadonlyMap<string, string>;
  /** Code of the file system if there is one (`ENOENT`, `EACCES`), else a message. */
  failures: ReadonlyMap<string, string>;
}

/** The reason is one of those in `failures` of `FileTexts`. */
type LineCount = { kind: 'counted'; lines: number } | { kind: 'unread'; reason: string };

export interface FileStat {
  /** Device and inode as text: equal for the same file under another name. Absent if the host does not provide them. */
  identity?: string;
  sizeBytes: number;
  /** Milliseconds since the epoch, by the clock of the machine. */
  modifiedAtMs: number;
}

export interface OpenFile extends AsyncDisposable {
  /** Without identity over SSH, whose handles do not provide it: call `statAll` by path, and compare. */
  stat(io: Io): Promise<FileStat>;
  /** At most `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number, io: Io): Promise<Uint8Array>;
}

export interface FileSystems {
  sizes: ReadonlyMap<string, FileSystemSize>;
  hung: readonly string[];
  /** Mount points that answered with an error, with its code or message. */
  failures: ReadonlyMap<string, string>;
}

/** From statfs(2), with blocks converted to bytes. */
export type FileSystemSize = NonNullable<FileSystem['size']>;
