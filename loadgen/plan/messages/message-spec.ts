// Defines the messages of a run as plain data from which every worker generates the same bytes.

import { z } from 'zod';
import { amount, count } from '../../../core/documents/values.ts';

const weight = z.number();

const SizeSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), bytes: count }),
  /** Weights need not sum to anything. */
  z.strictObject({ kind: z.literal('weighted'), sizes: z.array(z.strictObject({ bytes: count, weight })) }),
  /** As captured: a band by its weight, and any size from `from` to `to` (both included) within it. */
  z.strictObject({ kind: z.literal('bands'), bands: z.array(z.strictObject({ from: count, to: count, weight })) }),
]);
export type SizeSpec = z.infer<typeof SizeSpec>;

const KeySpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** `bytes` is the length of a key; all of a run are equally long. */
  z.strictObject({ kind: z.enum(['round-robin', 'uniform']), distinct: count, bytes: count }),
  /** Key i (from 0) has the weight 1 / (i + 1)^exponent. */
  z.strictObject({ kind: z.literal('zipf'), distinct: count, exponent: z.number(), bytes: count }),
  /** As captured: a band by its weight, and any of its keys within it; a band of 0 keys is messages without one. */
  z.strictObject({
    kind: z.literal('bands'),
    bands: z.array(z.strictObject({ keys: count, weight })),
    bytes: count,
  }),
]);
export type KeySpec = z.infer<typeof KeySpec>;

const FillerSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('random') }),
  /** So large a share of the blocks is random, and the others repeat; see loadgen/plan/messages/filler.ts. */
  z.strictObject({ kind: z.literal('mixed'), randomShare: z.number() }),
]);
export type FillerSpec = z.infer<typeof FillerSpec>;

const TopicMix = z.strictObject({
  /** By topic. */
  topics: z.array(z.strictObject({ sizes: SizeSpec, keys: KeySpec })),
  /** In the order of message numbers: from which message on each topic has which share. Shares need not sum to anything. */
  phases: z.array(z.strictObject({ from: count, messages: count, shares: z.array(amount) })),
});
export type TopicMix = z.infer<typeof TopicMix>;

export const MessageSpec = z.strictObject({
  /** Everything that is drawn is drawn from it and the number of the message. */
  seed: z.number(),
  sizes: SizeSpec,
  keys: KeySpec,
  filler: FillerSpec,
  /** Topics that differ, instead of `sizes` and `keys` of all. */
  mix: TopicMix.exactOptional(),
});
export type MessageSpec = z.infer<typeof MessageSpec>;
