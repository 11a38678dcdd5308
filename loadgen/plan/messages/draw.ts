// Draws reproducible random numbers by seed and message number, the same in every worker.

const half = 2 ** 32;

/**
 * MurmurHash3's 32-bit finaliser: similar inputs give unrelated outputs. Never zero, because xorshift never leaves
 * state zero.
 */
export function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

/** @returns a 32-bit hash of (seed, n), for n up to 2^53 */
export function hashOf(seed: number, n: number): number {
  return mix(mix(seed) ^ mix(n % half) ^ Math.floor(n / half));
}

/** @returns a function that maps message n to a number in [0, 1) with 53 bits; a different one for each purpose */
export function drawOf(seed: number, purpose: number): (n: number) => number {
  const high = mix(seed) ^ purpose;
  const low = mix(high);
  return (n) => (hashOf(high, n) * 2 ** 21 + (hashOf(low, n) >>> 11)) / 2 ** 53;
}

/** Odd constants far from each other, so that size, key and filler of a message are independent. */
export const purposes = {
  size: 0x51ab9ec3,
  sizeInBand: 0x2f0d4c87,
  key: 0x7c3a61d5,
  keyInBand: 0x19e5b34b,
  topic: 0x6d2b79f5,
};
