// Which bytes fill message n? Incompressible, or mixed with repeats so that a codec reaches a ratio; from seed and n alone.

import { hashOf, mix } from './draw.ts';
import type { FillerSpec } from './message-spec.ts';

/** Fills words `from` to `to` (exclusive), the body of message n. */
export type Fill = (words: Uint32Array, from: number, to: number, n: number) => void;

export function createFiller(spec: FillerSpec, seed: number): Fill {
  return spec.kind === 'random' ? fillRandom(seed) : fillMixed(seed, spec.randomShare);
}

/** Marsaglia, "Xorshift RNGs", 2003, triple 13/17/5: a word in about a nanosecond, and no codec finds anything in it. */
function fillRandom(seed: number): Fill {
  return (words, from, to, n) => {
    let state = hashOf(seed, n);
    for (let i = from; i < to; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[i] = state;
    }
  };
}

/** 64 bytes: longer than the shortest match of any codec, shorter than the smallest message anybody sends many of. */
const blockWords = 16;
/** So few that a message of a few hundred bytes repeats one by itself: RocketMQ compresses each message alone. */
const dictionaryBlocks = 4;
/** A block of the dictionary is 16 random bytes, four times over. */
const repeatWords = 4;

/*
 * Body   |random|repeat|repeat|random|repeat| …     blocks of 64 bytes
 *
 * Block i is random where floor(phase + (i + 1)·share) passes a whole number: exactly the share of any stretch, and not
 * only on average, so that batches compress alike. The phase differs from message to message, or short messages would
 * all round the same way. Repeats are all of one block of the dictionary, which the seed makes and all messages share.
 */
function fillMixed(seed: number, randomShare: number): Fill {
  const dictionary = new Uint32Array(dictionaryBlocks * repeatWords);
  fillRandom(mix(seed))(dictionary, 0, dictionary.length, 0);
  return (words, from, to, n) => {
    let state = hashOf(seed, n);
    const repeated = (state % dictionaryBlocks) * repeatWords;
    let random = (state >>> 8) / 2 ** 24;
    for (let block = from; block < to; block += blockWords) {
      const end = Math.min(to, block + blockWords);
      random += randomShare;
      if (random >= 1) {
        random -= 1;
        for (let i = block; i < end; i++) {
          state ^= state << 13;
          state ^= state >>> 17;
          state ^= state << 5;
          words[i] = state;
        }
      } else {
        for (let i = block; i < end; i++) words[i] = dictionary[repeated + ((i - block) & (repeatWords - 1))] ?? 0;
      }
    }
  };
}
