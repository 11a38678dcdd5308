// Which bytes does message n have? The same whatever the number of workers: its header, and an incompressible body.

import {
  payloadHeaderWords,
  readIntended,
  readMark,
  readNumber,
  writeChecksum,
  writeHeader,
} from './payload-header.ts';

const half = 2 ** 32;

/** The body is xorshift32 seeded with (seed, n). */
export interface PayloadOptions {
  mark: number;
  seed: number;
  messageBytes: number;
}

export interface PayloadHeader {
  number: number;
  intendedMicroseconds: number;
}

/**
 * Makes the values of one batch in one allocation.
 * @param at gives, for the i-th value of the batch, its number and its intended time
 */
export function createPayloads(
  { mark, seed, messageBytes }: PayloadOptions,
  count: number,
  at: (i: number) => PayloadHeader,
): Buffer[] {
  const stride = Math.ceil(messageBytes / 4);
  const words = new Uint32Array(count * stride);
  const values: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const { number, intendedMicroseconds } = at(i);
    const offset = i * stride;
    writeHeader(words, offset, mark, number, intendedMicroseconds);
    fill(words, offset + payloadHeaderWords, offset + stride, seed, number);
    const value = Buffer.from(words.buffer, offset * 4, messageBytes);
    writeChecksum(words, offset, value);
    values.push(value);
  }
  return values;
}

/** @returns undefined for a message this run did not send */
export function readPayload(value: Buffer, mark: number): PayloadHeader | undefined {
  if (readMark(value) !== mark) return undefined;
  return { number: readNumber(value), intendedMicroseconds: readIntended(value) };
}

/** Marsaglia, "Xorshift RNGs", 2003, triple 13/17/5: a word in about a nanosecond, and no codec finds anything in it. */
function fill(words: Uint32Array, from: number, to: number, seed: number, number: number): void {
  let state = mix(mix(seed) ^ mix(number % half) ^ Math.floor(number / half));
  for (let i = from; i < to; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
}

/** MurmurHash3's 32-bit finaliser: neighbours in, strangers out. Zero is the one state xorshift never leaves. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}
