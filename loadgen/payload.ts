// Which bytes does message n have? The same whatever the number of workers, and incompressible.

/*
 * Message   0  mark          uint32  names the run, so that a stranger's message in the same topic is told apart
 *           4  number        uint64  n, in two halves, low half first
 *          12  intended      uint64  microseconds since the epoch at which n was due, in two halves, low half first
 *          20  filler                from xorshift32 seeded with (seed, n)
 *
 * All little-endian, which is the order of every machine Node is distributed for.
 */
export const payloadHeaderBytes = 20;
const headerWords = payloadHeaderBytes / 4;
const half = 2 ** 32;

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
    words[offset] = mark;
    words[offset + 1] = number % half;
    words[offset + 2] = Math.floor(number / half);
    words[offset + 3] = intendedMicroseconds % half;
    words[offset + 4] = Math.floor(intendedMicroseconds / half);
    fill(words, offset + headerWords, offset + stride, seed, number);
    values.push(Buffer.from(words.buffer, offset * 4, messageBytes));
  }
  return values;
}

/** @returns undefined for a message this run did not send */
export function readPayload(value: Buffer, mark: number): PayloadHeader | undefined {
  if (value.length < payloadHeaderBytes || value.readUInt32LE(0) !== mark) return undefined;
  return {
    number: value.readUInt32LE(4) + value.readUInt32LE(8) * half,
    intendedMicroseconds: value.readUInt32LE(12) + value.readUInt32LE(16) * half,
  };
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
