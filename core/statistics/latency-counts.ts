// Decodes the counts of an encoded HdrHistogram without building a histogram.

import { inflateSync } from 'node:zlib';
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';

/*
 * HdrHistogram V2 compressed: cookie int32, length int32, zlib stream of
 *   cookie int32, payload length int32, normalizing index offset int32 (not used), significant digits int32,
 *   lowest int64, highest int64, ratio double,
 * counts in index order: ZigZag LEB128; a negative number −n stands for n zeros
 *
 * With three digits and lowest value 1, index i covers valueStep(i) values from valueAt(i):
 *   i below 2048       i
 *   else               (1024 + i % 1024) · 2^(i / 1024 − 1)
 */

/** Indices with a count, in ascending order, and their counts. */
interface SparseCounts {
  indices: readonly number[];
  counts: readonly number[];
  total: number;
}

const half = 1024;
const digits = 3;
const lowest = 1;
const [headerBytes, payloadAt] = [8, 40];
/** The second nibble holds the word size. */
const [compressedCookie, cookie] = [0x1c849314, 0x1c849313];
/** Classes of values up to 2^63, each counted up to 2^53. */
const mostClasses = 55 * half;
const mostBytes = payloadAt + 9 * mostClasses;
/** Buffer size: histograms of one second inflate to 1–2 kB, and Node's default of 16 kB takes longer (7 instead of 4 µs). */
const usualBytes = 4096;

export const valueAt = (index: number): number =>
  index < 2 * half ? index : (half + (index % half)) * valueStep(index);
export const valueStep = (index: number): number => (index < 2 * half ? 1 : 2 ** (Math.floor(index / half) - 1));

/** The last decoded histograms: each line is added to the sum of its second and then of its step, and is decoded once. */
const kept: { encoded: string; decoded: SparseCounts }[] = [];
const mostKept = 8;
let oldest = 0;

/** @param encoded base64. @throws Error if it is not a histogram */
export function decodeCounts(encoded: string): SparseCounts {
  const known = kept.find((entry) => entry.encoded === encoded);
  if (known !== undefined) return known.decoded;
  const decoded = decode(encoded);
  kept[oldest] = { encoded, decoded };
  oldest = (oldest + 1) % mostKept;
  return decoded;
}

function decode(encoded: string): SparseCounts {
  const payload = payloadOf(encoded);
  return countsIn(isOfThreeDigits(payload) ? payload : payloadOf(asThreeDigits(encoded)));
}

function payloadOf(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length < headerBytes) throw new RangeError('the histogram is truncated');
  if (bytes.readInt32BE(0) !== compressedCookie) throw new RangeError('it starts with an unknown cookie');
  const deflated = bytes.subarray(headerBytes, headerBytes + bytes.readInt32BE(4));
  const payload = inflateSync(deflated, { maxOutputLength: mostBytes, chunkSize: usualBytes });
  if (payload.length < payloadAt) throw new RangeError('the histogram is truncated');
  if (payload.readInt32BE(0) !== cookie) throw new RangeError('it decompresses to an unknown cookie');
  return payload;
}

function countsIn(payload: Buffer): SparseCounts {
  const indices: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let total = 0;
  for (let at = payloadAt; at < payload.length;) {
    let value = 0;
    let factor = 1;
    let byte = 0;
    do {
      byte = payload[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80 && at < payload.length);
    if (value % 2 === 1) {
      index += (value + 1) / 2;
      continue;
    }
    if (index >= mostClasses) throw new RangeError('it counts values beyond 2^63');
    if (value > 0) {
      indices.push(index);
      counts.push(value / 2);
      total += value / 2;
    }
    index += 1;
  }
  return { indices, counts, total };
}

const isOfThreeDigits = (payload: Buffer) =>
  payload.readInt32BE(12) === digits && payload.readBigInt64BE(16) === BigInt(lowest);

/** Re-encodes a histogram of another precision in our classes. */
function asThreeDigits(encoded: string): string {
  const histogram = build({ lowestDiscernibleValue: lowest, numberOfSignificantValueDigits: digits, autoResize: true });
  histogram.add(decodeFromCompressedBase64(encoded, 'packed', false));
  return encodeIntoCompressedBase64(histogram);
}
