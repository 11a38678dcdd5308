// Defines how files of a host are read, locally or over SSH.

import type { FileSystem } from '../core/documents/evidence/host-reading.ts';

export interface HostFiles extends AsyncDisposable {
  /**
   * Reads small kernel files, over a remote connection in one round trip. A file that is missing, forbidden or much
   * slower than the rest is not in `texts`; `failures` has the reason by path. Texts have a size limit; longer ones are
   * cut.
   * @param how `regularOnly` for paths that a process names: any user may name a pipe, a device or a kernel file.
   * Kernel files have size 0: they are not opened, and their text is empty.
   * @throws AppError host-unreadable if the machine does not answer
   */
  readAll(paths: readonly string[], io: Io, how?: { regularOnly?: boolean }): Promise<FileTexts>;
  /** Counts the lines of a file of any length. @throws AppError host-unreadable if the machine does not answer */
  countLines(path: string, io: Io): Promise<LineCount>;
  /** Lists the names in each folder, unsorted; folders that cannot be listed are absent. */
  listAll(folders: readonly string[], io: Io): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Returns targets of symbolic links as written; other files are absent. */
  readLinks(paths: readonly string[], io: Io): Promise<ReadonlyMap<string, string>>;
  /** Returns size and identity of followed files; missing files are absent. */
  statAll(paths: readonly string[], io: Io): Promise<ReadonlyMap<string, FileStat>>;
  /**
   * Opens a regular file that grows; the handle stays valid when the file is renamed.
   * @throws AppError host-unreadable
   */
  open(path: string, io: Io): Promise<OpenFile>;
  /**
   * Returns the output of tc(8) about the queues of network interfaces; undefined if tc is missing or refused.
   * @param namespace file of another network namespace, such as /proc/7/ns/net
   */
  readQueues?(namespace: string | undefined, io: Io): Promise<string | undefined>;
  /**
   * Returns sizes of mounted file systems; a hung mount is in `hung`, delays nothing, and is not queried again until it
   * answers.
   */
  statFileSystems(mountpoints: readonly string[], io: Io): Promise<FileSystems>;
}

export interface Io {
  signal: AbortSignal;
}

export interface FileTexts {
  texts: ReadonlyMap<string, string>;
  /** Error code of the file system if there is one (`ENOENT`, `EACCES`), otherwise a message. */
  failures: ReadonlyMap<string, string>;
}

/** `reason` has the same form as `failures` of `FileTexts`. */
type LineCount = { kind: 'counted'; lines: number } | { kind: 'unread'; reason: string };

export interface FileStat {
  /** Device and inode as text, unchanged when the file is renamed. Absent if the host does not provide them. */
  identity?: string;
  sizeBytes: number;
  /** Milliseconds since the epoch by the machine's clock. */
  modifiedAtMs: number;
}

export interface OpenFile extends AsyncDisposable {
  /** Has no identity over SSH, where handles do not provide it: call `statAll` by path, and compare. */
  stat(io: Io): Promise<FileStat>;
  /** Reads at most `length` bytes from `offset`; fewer at the end of the file. */
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
