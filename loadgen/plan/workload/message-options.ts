// Defines the message options of a workload file: sizes, keys, compressibility.

import { z } from 'zod';
import { Size } from '../../../core/text/quantity.ts';
import { payloadHeaderBytes } from '../../delivery/payload-header.ts';
import { count, positive, positiveCount } from '../../../core/documents/values.ts';

/** Default request limit of a Kafka broker (socket.request.max.bytes); one message must fit. */
const largestMessage = 100 * 2 ** 20;
const mostBands = 10_000;

const MessageSize = Size.refine((size) => Number.isInteger(size) && size >= payloadHeaderBytes, {
  message: `a message has at least ${payloadHeaderBytes} bytes: it starts with its number and the time it was due`,
}).refine((size) => size <= largestMessage, { message: 'a message has at most 100MiB' });

const weight = positive.describe('how often, relative to the others');
const file = z.string().min(1).describe('what `plimsoll capture` wrote; relative to the workload file');
const wholeBytes = z.number().int().min(payloadHeaderBytes).max(largestMessage);

const WeightedSizes = z
  .array(z.strictObject({ size: MessageSize, weight }))
  .min(1)
  .max(mostBands);
const SizeBands = z.strictObject({
  bands: z
    .array(z.strictObject({ from: wholeBytes, to: wholeBytes, weight }))
    .min(1)
    .max(mostBands)
    .refine((bands) => bands.every(({ from, to }) => from <= to), { message: 'a band goes from fewer to more bytes' }),
});
const Captured = z.strictObject({ histogram: file });

export const MessageSizes = z.union([MessageSize, WeightedSizes, SizeBands, Captured]);
export type MessageSizes = z.output<typeof MessageSizes>;

// Draws have 53 bits: with more keys than this, some would be drawn less often than others.
const distinct = positiveCount.max(1_000_000_000).describe('number of distinct keys');
const size = z.number().int().min(2).max(1024).default(16).describe('bytes of a key: a letter and digits (default 16)');

/** The leading letter needs one byte, the highest index the others. */
const fits = ({ distinct, size }: { distinct: number; size: number }) => String(distinct - 1).length < size;
const tooShort = { path: ['size'], message: 'so many keys need more bytes: a letter, and the digits of the highest' };

const EvenKeys = z.strictObject({ kind: z.enum(['round-robin', 'uniform']), distinct, size }).refine(fits, tooShort);
const ZipfKeys = z
  .strictObject({
    kind: z.literal('zipf'),
    distinct,
    exponent: positive
      .max(10)
      .default(1)
      .describe('the k-th key is used 1/k^exponent times as often as the first (default 1)'),
    size,
  })
  .refine(fits, tooShort);
const KeyBands = z
  .strictObject({
    kind: z.literal('bands'),
    bands: z
      .array(z.strictObject({ keys: count.max(1_000_000_000), weight }))
      .min(1)
      .max(mostBands)
      .describe('a band of 0 keys is messages without one'),
    size,
  })
  .refine(({ bands, size }) => fits({ distinct: bands.reduce((sum, { keys }) => sum + keys, 0), size }), tooShort);

export const MessageKeys = z.union([
  z.literal('none', { error: 'keys are none, or a map such as { kind: zipf, distinct: 100000 }' }),
  z.discriminatedUnion('kind', [EvenKeys, ZipfKeys, KeyBands]),
  Captured,
]);
export type MessageKeys = z.output<typeof MessageKeys>;

export const CompressionRatio = z.union([z.number().min(1).max(1000), Captured]);
export type CompressionRatio = z.output<typeof CompressionRatio>;
