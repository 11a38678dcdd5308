// Defines the shape of traffic captured from a live topic: histograms only, no message bytes and no keys.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';

const count = z.number().int().nonnegative();

export const CapturedTopic = z
  .strictObject({
    schemaVersion: z.literal(1),
    broker: z.enum(brokerKinds),
    capturedAt: z.string().describe('ISO 8601, when the sample began'),
    seconds: z.number().nonnegative().describe('how long the sample was taken'),
    messages: count.describe('in the sample'),
    partitions: count.describe('of the topic that had messages in the sample'),
    sizes: z
      .array(z.strictObject({ from: count, to: count, count }))
      .describe('bytes of values: how many messages had from to to bytes, both included'),
    keys: z
      .strictObject({
        messages: count.describe('that had a key'),
        bytes: z.number().nonnegative().describe('mean length of a key'),
        distinct: count.describe('keys in the sample; a larger one sees more'),
        bands: z
          .array(z.strictObject({ keys: count, count }))
          .describe('the most frequent first: so many keys had so many messages together'),
      })
      .optional()
      .describe('absent when no message had one'),
    compression: z
      .partialRecord(z.enum(['gzip', 'snappy', 'lz4', 'zstd', 'zlib']), z.number().positive())
      .describe('uncompressed bytes over compressed ones, of sampled batches (zlib: of each message)'),
    rate: z
      .array(z.strictObject({ time: z.number().nonnegative(), rate: z.number().nonnegative() }))
      .describe('messages per second as they came; empty where messages were read that had been there before'),
  })
  .meta({
    title: 'Plimsoll captured topic',
    description: 'What `plimsoll capture` writes: sizes, keys, ratios and rates of a live topic, and no byte of it.',
  });
export type CapturedTopic = z.output<typeof CapturedTopic>;
