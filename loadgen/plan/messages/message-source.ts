// Generates message n (size, key, body) from its number alone, identical in every worker.

import { createFiller, type Fill } from './filler.ts';
import { createKeys } from './keys.ts';
import type { MessageSpec } from './message-spec.ts';
import { createSizes } from './sizes.ts';
import { createTopicMix } from './topic-mix.ts';

export interface MessageSource {
  /** Returns bytes of the value, header included. */
  sizeOf(n: number): number;
  /** Returns the index of its topic, if topics differ; absent if they are used in turn. */
  topicOf?(n: number): number;
  /** Returns undefined for a message without a key. */
  keyOf(n: number): Buffer | undefined;
  /** Fills words `from` to `to` (exclusive) with the body of message n. */
  readonly fillBody: Fill;
  /** False if no message has a key. */
  readonly hasKeys: boolean;
  /** Sizes of values in bytes; exact, not sampled. */
  readonly sizes: { mean: number; smallest: number; largest: number };
  /** Number of keys and length of each in bytes; zeros if messages have no keys. */
  readonly keys: { distinct: number; bytes: number };
}

export function createMessages(spec: MessageSpec): MessageSource {
  if (spec.mix !== undefined) {
    return { ...createTopicMix(spec.mix, spec.seed), fillBody: createFiller(spec.filler, spec.seed) };
  }
  const sizes = createSizes(spec.sizes, spec.seed);
  const keys = createKeys(spec.keys, spec.seed);
  return {
    sizeOf: sizes.of,
    keyOf: keys.of,
    fillBody: createFiller(spec.filler, spec.seed),
    hasKeys: spec.keys.kind !== 'none',
    sizes: { mean: sizes.mean, smallest: sizes.smallest, largest: sizes.largest },
    keys: { distinct: keys.distinct, bytes: keys.bytes },
  };
}
