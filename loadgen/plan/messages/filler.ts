// Fills message bodies from seed and number: incompressible, or mixed with repeats for a compression ratio.

import { hashOf, mix } from './draw.ts';
import type { FillerSpec } from './message-spec.ts';

/** Fills words `from` to `to` (exclusive), the body of message n. */
export type Fill = (words: Uint32Array, from: number, to: number, n: number) => void;

export function createFiller(spec: FillerSpec, seed: number): Fill {
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
