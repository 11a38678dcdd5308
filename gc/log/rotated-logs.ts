// Groups stored files into logs, sorts them by first timestamp and drops copies, because rotation numbers wrap around.

import { createGcLogParser, type GcLogParser } from './gc-log-parser.ts';
import type { GcEvent, Moment } from './gc-event.ts';
import { readStoredLog, unpacked, type StoredLog } from './stored-log.ts';

export interface LogFile {
  path: string;
  modifiedAtMs: number;
  /** Opens the file from the start, on each call. */
  open(): AsyncIterable<Uint8Array>;
}

/** The files of one JVM option, oldest first. */
export interface RotatedLog {
  /** Path without the suffixes of rotation and compression. */
  name: string;
  files: LogFile[];
}

export interface FoundLogs {
  logs: RotatedLog[];
  /** Files that are excluded, with the reason. */
  leftOut: { path: string; why: (StoredLog & { kind: 'not-a-gc-log' })['why'] | 'copy'; of?: string }[];
}

/*
 * JDK 9 and later   gc.log    gc.log.0 …         the base name is being written; numbers wrap around, and may be from earlier runs
 * JDK 8             gc.log.0  gc.log.1.current   `.current` is being written; old ones remain after a restart
 */
const rotation = /(?:\.\d{1,3})?(?:\.current)?(?:\.gz)?$/;

/** Enough to contain different stamps, even if two runs have the same headers. */
const headBytes = 64 * 1024;

/** A shorter file may begin like any log, so then a copy must be identical to its end. */
const tellingBytes = 64;

interface Head {
  file: LogFile;
  first?: Moment;
  /** First bytes, decompressed, so that compressed and plain files can be compared. */
  bytes: Buffer;
}

/** @throws errors of `open` */
export async function findRotatedLogs(files: readonly LogFile[]): Promise<FoundLogs> {
  const leftOut: FoundLogs['leftOut'] = [];
  const heads: Head[] = [];
  for (const file of files) {
    const head = await readHead(file);
    if ('why' in head) {
      leftOut.push({ path: file.path, why: head.why });
      continue;
    }
    const copied = heads.find((known) => beginAlike(known, head));
    if (copied === undefined) {
      heads.push(head);
      continue;
    }
    const [kept, left] = await longerFirst(copied, head);
    heads[heads.indexOf(copied)] = kept;
    leftOut.push({ path: left.file.path, why: 'copy', of: kept.file.path });
  }
  const groups = Map.groupBy(heads, ({ file }) => file.path.replace(rotation, ''));
  const sorted = [...groups].map(([name, group]) => ({ name, group: inOrder(group) }));
  const firsts = inOrder(sorted.flatMap(({ group }) => group.slice(0, 1)));
  return {
    logs: sorted
      .toSorted((a, b) => firsts.indexOf(a.group[0] as Head) - firsts.indexOf(b.group[0] as Head))
      .map(({ name, group }) => ({ name, files: group.map(({ file }) => file) })),
    leftOut,
  };
}

/** Uptime alone may be from another run, so then sorts by modification time. */
function inOrder(heads: readonly Head[]): Head[] {
  const stamps = new Map(heads.map((head) => [head, head.first?.epochMs]));
  const areDated = [...stamps.values()].every((epochMs) => epochMs !== undefined);
  const key = (head: Head) => (areDated ? (stamps.get(head) ?? 0) : head.file.modifiedAtMs);
  return heads.toSorted((a, b) => key(a) - key(b) || (a.file.path < b.file.path ? -1 : 1));
}

async function readHead(file: LogFile): Promise<Head | (StoredLog & { kind: 'not-a-gc-log' })> {
  let first: Moment | undefined;
  const event = (found: GcEvent) => (first ??= stampOf(found));
  const parser = createGcLogParser({ event, unparsed() {} });
  const chunks: Buffer[] = [];
  const stored = await readStoredLog(headOf(file, parser, chunks), parser);
  if (stored.kind === 'not-a-gc-log') return stored;
  parser.end();
  return { file, bytes: Buffer.concat(chunks), ...(first && { first }) };
}

/** A copy made while the log was being written is its beginning. */
function beginAlike({ bytes: a }: Head, { bytes: b }: Head): boolean {
  const length = Math.min(a.length, b.length);
  return (length >= tellingBytes || a.length === b.length) && a.subarray(0, length).equals(b.subarray(0, length));
}

/** A copy made while the log was being written, or a truncated copy, lacks the end. */
async function longerFirst(a: Head, b: Head): Promise<[Head, Head]> {
  return (await unpackedBytes(b.file)) > (await unpackedBytes(a.file)) ? [b, a] : [a, b];
}

async function unpackedBytes(file: LogFile): Promise<number> {
  let bytes = 0;
  for await (const chunk of unpacked(file.open(), () => {})) bytes += chunk.length;
  return bytes;
}

/** @param head receives a copy of the first bytes, because a chunk is only valid until the next one is requested */
async function* headOf(file: LogFile, parser: GcLogParser, head: Buffer[]): AsyncGenerator<Uint8Array> {
  let left = headBytes;
  for await (const chunk of unpacked(file.open(), () => {})) {
    if (left > 0) head.push(Buffer.from(chunk.subarray(0, left)));
    left = Math.max(0, left - chunk.length);
    yield chunk;
    if (left === 0 && parser.isGcLog()) return;
  }
}

function stampOf(event: GcEvent): Moment | undefined {
  const at = 'at' in event ? event.at : 'start' in event ? event.start : {};
  return at.epochMs === undefined && at.uptimeSeconds === undefined ? undefined : at;
}
