// Summarizes sampled messages as counts and keeps none of their content.

import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingBatch } from '../../../brokers/driver.ts';
import type { PackedSize } from '../../../brokers/packed-size.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { CapturedTopic } from '../../../core/documents/captured-topic.ts';

type CapturedCodec = keyof CapturedTopic['compression'];

export type TopicSketch = ReturnType<typeof createTopicSketch>;

export interface SketchOptions {
  broker: BrokerKind;
  codecs: Readonly<Partial<Record<CapturedCodec, PackedSize>>>;
  /** Limit of messages processed. */
  mostMessages: number;
  startedAt: Date;
  /** True if messages are read as they are written, so that their rate is the topic's rate. */
  isLive: boolean;
}

/** Bytes per compressed block, like a producer's batch, and limit of such blocks: gzip compresses 30 MB/s. */
const packedBatchBytes = 64 * 1024;
const mostPacked = 24;

export function createTopicSketch({ broker, codecs, mostMessages, startedAt, isLive }: SketchOptions) {
  const sizes = createSizeBands();
  const keys = createKeyRanks();
  const partitions = new Set<string>();
  const perSecond: number[] = [];
  const packed = Object.entries(codecs).map(([codec, sizeOf]) => ({ codec, sizeOf, plain: 0, after: 0 }));
  let messages = 0;
  let packings = 0;

  function pack(values: readonly Buffer[], keysOf: IncomingBatch['keys']): void {
    packings += 1;
    for (const sum of packed) {
      const { plain, packed: after } = sum.sizeOf(values, keysOf);
      sum.plain += plain;
      sum.after += after;
    }
  }

  return {
    /** @param elapsed seconds since the sample began */
    add({ topic, partition, values: all, keys: allKeys }: IncomingBatch, elapsed: number): void {
      const values = all.slice(0, mostMessages - messages);
      if (values.length === 0) return;
      partitions.add(`${topic}/${partition}`);
      for (const { length } of values) sizes.add(length);
      for (const key of allKeys?.slice(0, values.length) ?? []) if (key !== undefined) keys.add(key);
      const second = Math.max(0, Math.floor(elapsed));
      perSecond[second] = (perSecond[second] ?? 0) + values.length;
      messages += values.length;
      if (packings < mostPacked) {
        const batch = firstBytes(values);
        pack(batch, allKeys?.slice(0, batch.length));
      }
    },
    messages: (): number => messages,
    /** @param elapsed seconds the sample took */
    finish(elapsed: number): CapturedTopic {
      const ranks = keys.summary();
      return {
        schemaVersion: 1,
        broker,
        capturedAt: startedAt.toISOString(),
        seconds: elapsed,
        messages,
        partitions: partitions.size,
        sizes: sizes.list(),
        ...(ranks !== undefined && { keys: ranks }),
        compression: Object.fromEntries(
          packed.flatMap(({ codec, plain, after }) => (after > 0 ? [[codec, plain / after]] : [])),
        ),
        // The last second is incomplete.
        rate: isLive
          ? Array.from({ length: Math.floor(elapsed) }, (_, time) => ({ time, rate: perSecond[time] ?? 0 }))
          : [],
      };
    },
  };
}

function firstBytes(values: readonly Buffer[]): readonly Buffer[] {
  let bytes = 0;
  const end = values.findIndex((value) => {
    bytes += value.length;
    return bytes > packedBatchBytes;
  });
  return end < 0 ? values : values.slice(0, Math.max(1, end));
}

/** For a million keys, one pair shares 48 bits in one of 560 samples. */
const hashBytes = 6;

/** Measures key skew by salted hashes and rank, without exposing keys. */
function createKeyRanks() {
  // The salt is never stored: with it, hashes of guessed keys could be looked up.
  const salt = randomBytes(32);
  const counts = new Map<number, number>();
  let messages = 0;
  let bytes = 0;
  return {
    add(key: Buffer): void {
      const hash = createHmac('sha256', salt).update(key).digest().readUIntBE(0, hashBytes);
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
      messages += 1;
      bytes += key.length;
    },
    /** Returns undefined if no message had a key. */
    summary():
      { messages: number; bytes: number; distinct: number; bands: { keys: number; count: number }[] } | undefined {
      if (messages === 0) return undefined;
      const ranked = [...counts.values()].toSorted((a, b) => b - a);
      return { messages, bytes: bytes / messages, distinct: ranked.length, bands: bandsOf(ranked) };
    },
  };
}

/** Groups ranks 1, 2, 3 to 4, 5 to 8, …: separate bands for the hottest keys, wide bands for the tail. */
function bandsOf(ranked: readonly number[]): { keys: number; count: number }[] {
  const bands: { keys: number; count: number }[] = [];
  for (let from = 0; from < ranked.length;) {
    const to = Math.min(ranked.length, Math.max(1, from * 2));
    const band = ranked.slice(from, to);
    bands.push({ keys: band.length, count: band.reduce((sum, count) => sum + count, 0) });
    from = to;
  }
  return bands;
}

/** Bands per doubling: each is at most 1/8 wide, so a uniform draw within a band has a mean error below 4 %. */
const bandsPerDoubling = 8;

/** Counts message sizes in bands: narrow enough to reproduce, too wide to identify a message. */
function createSizeBands() {
  const counts = new Map<number, number>();
  return {
    add(bytes: number): void {
      const from = bandStart(bytes);
      counts.set(from, (counts.get(from) ?? 0) + 1);
    },
    /** Returns the non-empty bands, smallest first. */
    list: (): { from: number; to: number; count: number }[] =>
      [...counts]
        .toSorted(([a], [b]) => a - b)
        .map(([from, count]) => ({ from, to: from + bandWidth(from) - 1, count })),
  };
}

/** Returns 1 up to 15 bytes, 2 from 16 to 31, 4 from 32 to 63, … */
const bandWidth = (bytes: number) =>
  bytes < 2 * bandsPerDoubling ? 1 : 2 ** (Math.floor(Math.log2(bytes)) - Math.log2(bandsPerDoubling));

function bandStart(bytes: number): number {
  const width = bandWidth(bytes);
  return Math.floor(bytes / width) * width;
}
