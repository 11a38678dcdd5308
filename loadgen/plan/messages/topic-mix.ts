// Draws the topic of each message if topics have different messages, with shares that change over the run.

import { aliasTable } from './alias-table.ts';
import { drawOf, purposes } from './draw.ts';
import { createKeys } from './keys.ts';
import type { TopicMix } from './message-spec.ts';
import { createSizes } from './sizes.ts';

/** Separates seeds, so that topics with the same size distribution do not get identical sizes. */
const seedStep = 0x9e3779b9;

export function createTopicMix({ topics, phases }: TopicMix, seed: number) {
  const own = topics.map(({ sizes, keys }, index) => ({
    sizes: createSizes(sizes, (seed + index * seedStep) >>> 0),
    keys: createKeys(keys, (seed + index * seedStep) >>> 0),
  }));
  const picks = phases.map(({ shares }) => aliasTable(shares));
  const draw = drawOf(seed, purposes.topic);
  /** Phase used last: messages arrive almost in order, so it is nearly always the right one. */
  let hint = 0;

  function phaseOf(n: number): number {
    if (n < (phases[hint]?.from ?? 0)) hint = 0;
    while (n >= (phases[hint + 1]?.from ?? Infinity)) hint += 1;
    return hint;
  }

  const topicOf = (n: number) => picks[phaseOf(n)]?.(draw(n)) ?? 0;
  const sent = topics.map((_, topic) =>
    phases.reduce((sum, { messages, shares }) => {
      const all = shares.reduce((total, share) => total + share, 0);
      return sum + (messages * (shares[topic] ?? 0)) / all;
    }, 0),
  );
  const all = sent.reduce((sum, each) => sum + each, 0);
  const weighted = (valueOf: (topic: (typeof own)[number]) => number) =>
    own.reduce((sum, each, topic) => sum + valueOf(each) * ((sent[topic] ?? 0) / all), 0);
  return {
    topicOf,
    sizeOf: (n: number) => own[topicOf(n)]?.sizes.of(n) ?? 0,
    keyOf: (n: number) => own[topicOf(n)]?.keys.of(n),
    hasKeys: topics.some(({ keys }) => keys.kind !== 'none'),
    sizes: {
      mean: weighted(({ sizes }) => sizes.mean),
      smallest: Math.min(...own.map(({ sizes }) => sizes.smallest)),
      largest: Math.max(...own.map(({ sizes }) => sizes.largest)),
    },
    keys: {
      distinct: own.reduce((sum, { keys }) => sum + keys.distinct, 0),
      bytes: Math.round(weighted(({ keys }) => keys.bytes)),
    },
  };
}
