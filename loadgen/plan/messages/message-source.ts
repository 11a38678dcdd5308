// Generates message n (size, key, body) from its number alone, the same in any worker.

import { createFiller, type Fill } from './filler.ts';
import { createKeys } from './keys.ts';
import type { MessageSpec } from './message-spec.ts';
import { createSizes } from './sizes.ts';
import { createTopicMix } from './topic-mix.ts';

export interface MessageSource {
  /** Bytes of the value, header included. */
  sizeOf(n: number): number;
  /** Place of its topic, where topics differ; absent where they take turns. */
  topicOf?(n: number): number;
  /** Undefined for a message without a key. */
  keyOf(n: number): Buffer | undefined;
  /** Fills words `from` to `to` (exclusive) with the body of message n. */
  readonly fillBody: Fill;
  /** False where no message has one. */
  readonly hasKeys: boolean;
  /** Of values, in bytes; exact, not sampled. */
  readonly sizes: { mean: number; smallest: number; largest: number };
  /** How many there are, and how long each is, in bytes; zeros where messages have none. */
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
