// Defines the messages of a run as plain data from which every worker generates the same bytes.

import { z } from 'zod';
import { amount, count } from '../../../core/documents/values.ts';

const weight = z.number();

const SizeSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), bytes: count }),
  /** Weights may have any sum. */
  z.strictObject({ kind: z.literal('weighted'), sizes: z.array(z.strictObject({ bytes: count, weight })) }),
  /** Captured bands: a band is drawn by weight, then a size from `from` to `to` (both included). */
  z.strictObject({ kind: z.literal('bands'), bands: z.array(z.strictObject({ from: count, to: count, weight })) }),
]);
export type SizeSpec = z.infer<typeof SizeSpec>;

const KeySpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** `bytes` is the length of a key; all keys of a run have the same length. */
  z.strictObject({ kind: z.enum(['round-robin', 'uniform']), distinct: count, bytes: count }),
  /** Key i (from 0) has the weight 1 / (i + 1)^exponent. */
  z.strictObject({ kind: z.literal('zipf'), distinct: count, exponent: z.number(), bytes: count }),
  /** Captured bands: a band is drawn by weight, then one of its keys; a band of 0 keys means messages without a key. */
  z.strictObject({
    kind: z.literal('bands'),
    bands: z.array(z.strictObject({ keys: count, weight })),
    bytes: count,
  }),
]);
export type KeySpec = z.infer<typeof KeySpec>;

const FillerSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('random') }),
  /** `randomShare` is the share of random blocks, the others repeat; see loadgen/plan/messages/message-source.ts. */
  z.strictObject({ kind: z.literal('mixed'), randomShare: z.number() }),
]);
export type FillerSpec = z.infer<typeof FillerSpec>;

const TopicMix = z.strictObject({
  /** One entry per topic. */
  topics: z.array(z.strictObject({ sizes: SizeSpec, keys: KeySpec })),
  /** In order of message numbers: `shares` of the topics from message `from` on, with any sum. */
  phases: z.array(z.strictObject({ from: count, messages: count, shares: z.array(amount) })),
});
export type TopicMix = z.infer<typeof TopicMix>;

export const MessageSpec = z.strictObject({
  /** Every random draw depends on this seed and the message number. */
  seed: z.number(),
  sizes: SizeSpec,
  keys: KeySpec,
  filler: FillerSpec,
  /** Topics with different messages, which replaces the common `sizes` and `keys`. */
  mix: TopicMix.exactOptional(),
});
export type MessageSpec = z.infer<typeof MessageSpec>;
