// Defines the messages of a run as plain data from which every worker generates the same bytes.

import { z } from 'zod';
import { amount, count, ofKind } from '../../../core/documents/values.ts';

const weight = z.number();

const SizeSpec = z.discriminatedUnion('kind', [
  ofKind('fixed', { bytes: count }),
  /** Weights may have any sum. */
  ofKind('weighted', { sizes: z.array(z.strictObject({ bytes: count, weight })) }),
  /** Captured bands: a band is drawn by weight, then a size from `from` to `to` (both included). */
  ofKind('bands', { bands: z.array(z.strictObject({ from: count, to: count, weight })) }),
]);
export type SizeSpec = z.infer<typeof SizeSpec>;

const KeySpec = z.discriminatedUnion('kind', [
  ofKind('none', {}),
  /** `bytes` is the length of a key; all keys of a run have the same length. */
  z.strictObject({ kind: z.enum(['round-robin', 'uniform']), distinct: count, bytes: count }),
  /** Key i (from 0) has the weight 1 / (i + 1)^exponent. */
  ofKind('zipf', { distinct: count, exponent: z.number(), bytes: count }),
  /** Captured bands: a band is drawn by weight, then one of its keys; a band of 0 keys means messages without a key. */
  ofKind('bands', { bands: z.array(z.strictObject({ keys: count, weight })), bytes: count }),
]);
export type KeySpec = z.infer<typeof KeySpec>;

const FillerSpec = z.discriminatedUnion('kind', [
  ofKind('random', {}),
  /** `randomShare` is the share of random blocks, the others repeat; see loadgen/plan/messages/message-source.ts. */
  ofKind('mixed', { randomShare: z.number() }),
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
