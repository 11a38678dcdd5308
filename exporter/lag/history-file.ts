// Saves the history of end offsets across restarts: one file per cluster, replaced atomically.

import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { pointsPerPartition } from './offset-history.ts';
import type { TrackedPartitions } from './tracked-partitions.ts';
import { replaceFile } from '../../core/files.ts';

/*
 *   file    := "plimsoll lag history 1\n" record* end
 *   record  := jsonBytes u32 · pointBytes u32 · json UTF-8 · points f64 …        little endian
 *   end     := 0 u32 · CRC-32 of everything before it u32
 *
 * The first record is the head and has no points. Each further record is a topic on one broker name; the points of its
 * partitions follow: seconds since the epoch on the writer's monotonic clock, end offset, oldest first.
 * Doubles are in native byte order, because the file stays on its machine.
 */

const magic = Buffer.from('plimsoll lag history 1\n');

/** More than 400,000 partitions with all their points; a larger file is not ours. */
const maxFileBytes = 256 * 1024 * 1024;

const writeAtOnceBytes = 1024 * 1024;

const Head = z.strictObject({
  savedAtMs: z.number(),
  /** How far the wall clock was set back since the writer started, which its monotonic clock did not follow. */
  aheadOfWallSeconds: z.number(),
  clusterId: z.string().optional(),
});
type Head = z.infer<typeof Head>;

const TopicRecord = z.strictObject({
  topic: z.string(),
  id: z.string().optional(),
  broker: z.string(),
  /** Partition number and its number of points. */
  partitions: z.array(z.tuple([z.int().nonnegative(), z.int().min(1).max(pointsPerPartition)])),
});

export async function writeHistory(path: string, head: Head, tracked: TrackedPartitions): Promise<void> {
  await replaceFile(path, async (file) => {
    let sum = 0;
    let waiting: Buffer[] = [];
    let bytes = 0;
    const flush = async () => {
      const chunk = Buffer.concat(waiting);
      sum = crc32(chunk, sum);
      await file.writeFile(chunk);
      waiting = [];
      bytes = 0;
    };
    for (const part of encode(head, tracked)) {
      waiting.push(part);
      bytes += part.length;
      if (bytes >= writeAtOnceBytes) await flush();
    }
    await flush();
    await file.writeFile(pair(0, sum));
  });
}

/** Encodes each topic in its current state: histories continue to grow while others are written. */
function* encode(head: Head, { topics, history }: TrackedPartitions): Iterable<Buffer> {
  yield magic;
  yield* record(head, []);
  for (const [topic, { id, slots }] of topics) {
    for (const [broker, byPartition] of slots) {
      const points = [...byPartition]
        .map(([partition, slot]) => [partition, history.points(slot)] as const)
        .filter(([, { length }]) => length > 0);
      const partitions = points.map(([partition, { length }]) => [partition, length / 2] as [number, number]);
      yield* record(
        { topic, ...(id !== undefined && { id }), broker, partitions } satisfies z.infer<typeof TopicRecord>,
        points.map(([, pairs]) => Buffer.from(pairs.buffer, pairs.byteOffset, pairs.byteLength)),
      );
    }
  }
}

function* record(document: object, points: readonly Buffer[]): Iterable<Buffer> {
  const json = Buffer.from(JSON.stringify(document));
  const body = Buffer.concat(points);
  yield pair(json.length, body.length);
  yield json;
  yield body;
}

function pair(first: number, second: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(first, 0);
  bytes.writeUInt32LE(second, 4);
  return bytes;
}

type HistoryRead = { kind: 'absent' } | { kind: 'read'; head: Head } | { kind: 'unusable'; reason: string };

/** Fills an empty history, in the time of an unadjusted wall clock. A torn, foreign or unreadable file leaves it empty. */
export function readHistory(path: string, now: Date, tracked: TrackedPartitions): HistoryRead {
  let bytes: Buffer;
  try {
    bytes = readWhole(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unusable', reason: message };
  }
  try {
    const head = restore(bytes, now, tracked);
    return { kind: 'read', head };
  } catch (cause) {
    tracked.clear();
    return {
      kind: 'unusable',
      reason: cause instanceof z.ZodError ? 'a record is not as written' : (cause as Error).message,
    };
  }
}

function readWhole(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size > maxFileBytes) throw new Error(`${size} bytes are more than a history can have`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

function restore(bytes: Buffer, now: Date, tracked: TrackedPartitions): Head {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw new Error('it is not a history of this version');
  const end = bytes.length - 8;
  if (end < magic.length || bytes.readUInt32LE(end) !== 0) throw new Error('its end is missing');
  if (bytes.readUInt32LE(end + 4) !== crc32(bytes.subarray(0, end))) throw new Error('its check sum is wrong');
  let at = magic.length;
  const next = (): { json: unknown; points: Buffer } => {
    const json = at + 8;
    if (json > end) throw new Error('a record is cut');
    const points = json + bytes.readUInt32LE(at);
    const after = points + bytes.readUInt32LE(at + 4);
    if (after > end) throw new Error('a record is cut');
    at = after;
    return { json: JSON.parse(bytes.toString('utf8', json, points)), points: bytes.subarray(points, after) };
  };
  const head = Head.parse(next().json);
  if (head.savedAtMs > now.getTime()) throw new Error(`it is of ${new Date(head.savedAtMs).toISOString()}, after now`);
  while (at < end) {
    const { json, points } = next();
    const { topic, id, broker, partitions } = TopicRecord.parse(json);
    const entry = tracked.topic(topic, id, now.getTime() / 1000);
    let from = 0;
    for (const [partition, count] of partitions) {
      const restored = doubles(points.subarray(from, (from += 16 * count)), count);
      for (let time = 0; time < restored.length; time += 2)
        restored[time] = (restored[time] ?? 0) - head.aheadOfWallSeconds;
      const slot = tracked.slot(entry, broker, partition);
      if (slot !== undefined) tracked.history.restore(slot, restored);
    }
  }
  return head;
}

function doubles(bytes: Buffer, count: number): Float64Array {
  if (bytes.length !== 16 * count) throw new Error('points are missing');
  // Copied, because doubles must be aligned to eight bytes.
  const points = new Float64Array(2 * count);
  new Uint8Array(points.buffer).set(bytes);
  for (let index = 2; index < points.length; index++) {
    // False for NaN as well.
    if (!((points[index] ?? 0) >= (points[index - 2] ?? 0))) throw new Error('points are out of order');
  }
  return points;
}
