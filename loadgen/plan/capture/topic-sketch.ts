// Summarizes sampled messages as counts and keeps none of their content.

import type { IncomingBatch } from '../../../brokers/driver.ts';
import type { PackedSize } from '../../../brokers/packed-size.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import type { CapturedTopic } from '../../../core/documents/captured-topic.ts';
import { createKeyRanks } from './key-ranks.ts';
import { createSizeBands } from './size-bands.ts';

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
