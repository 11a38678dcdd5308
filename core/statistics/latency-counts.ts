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
export interface SparseCounts {
  indices: Int32Array;
  counts: Float64Array;
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

/** @param encoded base64. @throws Error if it is not a histogram */
export function decodeCounts(encoded: string): SparseCounts {
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

/** Filled by each histogram and copied, because arrays that grow take as long as decoding. */
const indices = new Int32Array(mostClasses);
const counts = new Float64Array(mostClasses);

function countsIn(payload: Buffer): SparseCounts {
  let found = 0;
  let index = 0;
  let total = 0;
  for (let at = payloadAt; at < payload.length;) {
    let byte = payload[at++] as number;
    let value = byte & 0x7f;
    for (let factor = 128; byte >= 0x80 && at < payload.length; factor *= 128) {
      byte = payload[at++] as number;
      value += (byte & 0x7f) * factor;
    }
    if (value % 2 === 1) {
      index += (value + 1) / 2;
      continue;
    }
    if (index >= mostClasses) throw new RangeError('it counts values beyond 2^63');
    if (value > 0) {
      indices[found] = index;
      counts[found] = value / 2;
      total += value / 2;
      found += 1;
    }
    index += 1;
  }
  return { indices: indices.slice(0, found), counts: counts.slice(0, found), total };
}

const isOfThreeDigits = (payload: Buffer) =>
  payload.readInt32BE(12) === digits && payload.readBigInt64BE(16) === BigInt(lowest);

/** Re-encodes a histogram of another precision in our classes. */
function asThreeDigits(encoded: string): string {
  const histogram = build({ lowestDiscernibleValue: lowest, numberOfSignificantValueDigits: digits, autoResize: true });
  histogram.add(decodeFromCompressedBase64(encoded, 'packed', false));
  return encodeIntoCompressedBase64(histogram);
}
