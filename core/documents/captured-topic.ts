// Defines the shape of traffic captured from a live topic: histograms only, no message bytes and no keys.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { amount, count, positive } from './values.ts';

export const CapturedTopic = z
  .strictObject({
    schemaVersion: z.literal(1),
    broker: z.enum(brokerKinds),
    capturedAt: z.string().describe('ISO 8601, start of the sample'),
    seconds: amount.describe('duration of the sample'),
    messages: count.describe('in the sample'),
    partitions: count.describe('of the topic that had messages in the sample'),
    sizes: z
      .array(z.strictObject({ from: count, to: count, count }))
      .describe('histogram of value sizes: number of messages with `from` to `to` bytes, both included'),
    keys: z
      .strictObject({
        messages: count.describe('messages with a key'),
        bytes: amount.describe('mean length of a key'),
        distinct: count.describe('distinct keys in the sample; a larger sample finds more'),
        bands: z
          .array(z.strictObject({ keys: count, count }))
          .describe('most frequent keys first: number of keys, and their messages together'),
      })
      .optional()
      .describe('absent if no message had one'),
    compression: z
      .partialRecord(z.enum(['gzip', 'snappy', 'lz4', 'zstd', 'zlib']), positive)
      .describe('uncompressed divided by compressed bytes of sampled batches (zlib: of each message)'),
    rate: z
      .array(z.strictObject({ time: amount, rate: amount }))
      .describe('messages per second on arrival; empty if older messages were read'),
  })
  .meta({
    title: 'Plimsoll captured topic',
    description: 'What `plimsoll capture` writes: sizes, keys, ratios and rates of a live topic, and no byte of it.',
  });
export type CapturedTopic = z.output<typeof CapturedTopic>;
