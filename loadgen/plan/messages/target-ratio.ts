// Finds the random share of a message for a target compression ratio by running the codec.

import type { PackedSize } from '../../../brokers/packed-size.ts';
import { mix } from './draw.ts';
import { makeValues } from './make-values.ts';
import type { MessageSpec } from './message-spec.ts';
import { createMessages } from './message-source.ts';

/** Ratio of uncompressed to compressed bytes: 3 means a third of the size. */
type RatioSearch = { kind: 'reached'; randomShare: number } | { kind: 'too-high'; highest: number };

/** Bytes of a sample batch, like that of a client at some thousand messages per second, and number of batches. */
const sampleBatchBytes = 64 * 1024;
const sampleBatches = 3;
const mostMessages = 512;
/** Bisection steps: a share accurate to 1/4096, which changes the ratio by less than sampling noise. */
const halvings = 12;

/**
 * Finds the share by bisection, because the ratio falls as the share of random blocks grows.
 *
 * @param spec its filler is ignored
 * @param target 1 is incompressible
 */
export function findRandomShare(
  spec: Omit<MessageSpec, 'filler'>,
  target: number,
  packedSize: PackedSize,
): RatioSearch {
  const ratioOf = (randomShare: number) =>
    measureRatio({ ...spec, filler: { kind: 'mixed', randomShare } }, packedSize);
  const highest = ratioOf(0);
  if (highest < target) return { kind: 'too-high', highest };
  let [low, high] = [0, 1];
  for (let halving = 0; halving < halvings; halving++) {
    const middle = (low + high) / 2;
    if (ratioOf(middle) > target) low = middle;
    else high = middle;
  }
  return { kind: 'reached', randomShare: (low + high) / 2 };
}

/** @param from first message of the sample @param batchBytes bytes of values in each of its batches */
export function measureRatio(
  spec: MessageSpec,
  packedSize: PackedSize,
  { from = 0, batchBytes = sampleBatchBytes }: { from?: number; batchBytes?: number } = {},
): number {
  const messages = createMessages(spec);
  const count = Math.max(1, Math.min(mostMessages, Math.floor(batchBytes / messages.sizes.mean)));
  let [plain, packed] = [0, 0];
  for (let batch = 0; batch < sampleBatches; batch++) {
    const numbers = Array.from({ length: count }, (_, i) => from + batch * count + i);
    const values = makeValues(messages, count, headerWords, (i) => numbers[i] ?? 0, stampLikeRun(numbers));
    const keys = messages.hasKeys ? numbers.map((n) => messages.keyOf(n)) : undefined;
    const size = packedSize(values, keys);
    plain += size.plain;
    packed += size.packed;
  }
  return plain / packed;
}

const headerWords = 6;

/** Writes a header as random as that of a run: mark, increasing number, time, checksum. */
const stampLikeRun =
  (numbers: readonly number[]) =>
  (_value: Buffer, i: number, words: Uint32Array, offset: number): void => {
    const n = numbers[i] ?? 0;
    words.set([0x9d2c5680, n, 0, n * 20, 0x0006_1d5c, mix(n)].slice(0, words.length - offset), offset);
  };
