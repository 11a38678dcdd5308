// Generates message n (size, key, body) from its number alone, identical in every worker.

import { createKeys } from './keys.ts';
import type { FillerSpec, MessageSpec, TopicMix } from './message-spec.ts';
import { createSizes } from './sizes.ts';
import { aliasTable } from './alias-table.ts';
import { drawOf, hashOf, mix, purposes } from './draw.ts';

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

/** Separates seeds, so that topics with the same size distribution do not get identical sizes. */
const seedStep = 0x9e3779b9;

/** Draws the topic of each message if topics have different messages, with shares that change over the run. */
function createTopicMix({ topics, phases }: TopicMix, seed: number) {
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

/** Fills words `from` to `to` (exclusive), the body of message n. */
type Fill = (words: Uint32Array, from: number, to: number, n: number) => void;

/** Fills message bodies from seed and number: incompressible, or mixed with repeats for a compression ratio. */
function createFiller(spec: FillerSpec, seed: number): Fill {
  if (spec.kind === 'mixed') return fillMixed(seed, spec.randomShare);
  return (words, from, to, n) => writeRandom(words, from, to, hashOf(seed, n));
}

/**
 * Marsaglia, "Xorshift RNGs", 2003, triple 13/17/5: no codec can compress it. Two interleaved streams, because each
 * step depends on the previous one: 120 words take half the time of one stream.
 */
function writeRandom(words: Uint32Array, from: number, to: number, hash: number): void {
  // Signed like the result of every step: a start value above 2^31 would make both variables doubles.
  let even = hash | 0;
  let odd = Math.imul(hash, 0x9e3779b9) | 1;
  for (let i = from; i < to; i += 2) {
    even ^= even << 13;
    odd ^= odd << 13;
    even ^= even >>> 17;
    odd ^= odd >>> 17;
    even ^= even << 5;
    odd ^= odd << 5;
    words[i] = even;
    if (i + 1 < to) words[i + 1] = odd;
  }
}

/** 64 bytes: longer than the shortest match of any codec, shorter than the smallest common message. */
const blockWords = 16;
/** Few enough that a message of a few hundred bytes repeats a block: RocketMQ compresses each message separately. */
const dictionaryBlocks = 4;
/** A dictionary block is 16 random bytes repeated four times. */
const repeatWords = 4;

/*
 * Body   |random|repeat|repeat|random|repeat| …     blocks of 64 bytes
 *
 * Block i is random if floor(phase + (i + 1)·share) increments: every sequence of blocks has exactly this share, not
 * only on average, so that batches compress alike. The phase differs between messages; otherwise short messages would
 * all round the same way. The repeats of a message are all one block of the dictionary, which is generated from the
 * seed and shared by all messages.
 */
function fillMixed(seed: number, randomShare: number): Fill {
  const dictionary = new Uint32Array(dictionaryBlocks * repeatWords);
  writeRandom(dictionary, 0, dictionary.length, mix(mix(seed)));
  return (words, from, to, n) => {
    const hash = hashOf(seed, n);
    const repeated = (hash % dictionaryBlocks) * repeatWords;
    let random = (hash >>> 8) / 2 ** 24;
    for (let block = from; block < to; block += blockWords) {
      const end = Math.min(to, block + blockWords);
      random += randomShare;
      if (random >= 1) {
        random -= 1;
        writeRandom(words, block, end, mix(hash + block - from));
      } else {
        for (let i = block; i < end; i++) words[i] = dictionary[repeated + ((i - block) % repeatWords)] ?? 0;
      }
    }
  };
}
