// Generates the key of each message.

import { aliasTable } from './alias-table.ts';
import { drawOf, hashOf, mix, purposes } from './draw.ts';
import type { KeySpec } from './message-spec.ts';

interface Keys {
  /** Returns the index of the message's key; undefined for a message without a key. */
  indexOf(n: number): number | undefined;
  /** Returns the key as bytes: `k`, zero padding, index in digits; RocketMQ only accepts text without spaces. */
  of(n: number): Buffer | undefined;
  readonly distinct: number;
  readonly bytes: number;
}

/** Limit of cached keys, which avoids encoding hot keys again; 64 bytes each are 256 KiB. */
const mostKept = 4096;

export function createKeys(spec: KeySpec, seed: number): Keys {
  if (spec.kind === 'none') return { indexOf: () => undefined, of: () => undefined, distinct: 0, bytes: 0 };
  const { bytes } = spec;
  const distinct = spec.kind === 'bands' ? spec.bands.reduce((sum, { keys }) => sum + keys, 0) : spec.distinct;
  const indexOf = chooser(spec, seed);
  const kept: Buffer[] = [];
  return {
    indexOf,
    of(n) {
      const index = indexOf(n);
      if (index === undefined) return undefined;
      const known = kept[index];
      if (known !== undefined) return known;
      const key = keyText(index, bytes);
      if (index < mostKept) kept[index] = key;
      return key;
    },
    distinct,
    bytes,
  };
}

const [letter, zero] = Buffer.from('k0');

/** Writes digits directly, which takes half the time of building a string and encoding it. */
function keyText(index: number, bytes: number): Buffer {
  const key = Buffer.allocUnsafe(bytes);
  let left = index;
  for (let i = bytes - 1; i > 0; i--) {
    const rest = Math.floor(left / 10);
    key[i] = zero! + (left - rest * 10);
    left = rest;
  }
  key[0] = letter!;
  return key;
}

function chooser(spec: Exclude<KeySpec, { kind: 'none' }>, seed: number): (n: number) => number | undefined {
  switch (spec.kind) {
    case 'round-robin':
      return (n) => n % spec.distinct;
    case 'uniform': {
      const draw = drawOf(seed, purposes.key);
      return (n) => Math.floor(draw(n) * spec.distinct);
    }
    case 'zipf': {
      const rank = zipf(spec.distinct, spec.exponent);
      const own = mix(seed) ^ purposes.key;
      return (n) => rank(hashOf(own, n));
    }
    case 'bands': {
      const pick = aliasTable(spec.bands.map(({ weight }) => weight));
      const before: number[] = [];
      let sum = 0;
      for (const { keys } of spec.bands) {
        before.push(sum);
        sum += keys;
      }
      const draw = drawOf(seed, purposes.key);
      const drawInBand = drawOf(seed, purposes.keyInBand);
      return (n) => {
        const band = pick(draw(n));
        const keys = spec.bands[band]?.keys ?? 0;
        return keys === 0 ? undefined : (before[band] ?? 0) + Math.floor(drawInBand(n) * keys);
      };
    }
  }
}

/**
 * Rejection-inversion: Hörmann and Derflinger, "Rejection-inversion to generate variates from monotone discrete
 * distributions", ACM TOMACS 6 (3), 1996. Draws from the area below the continuous h(x) = x^-s by inversion and rounds
 * to an integer k; a value between the curve and the staircase is rejected and drawn again (less than one in five).
 *
 * @param distinct number of keys; a million cost no more than ten
 * @param exponent s, above 0; 1 is Zipf's original
 * @returns a function from the hash of a message to 0 … distinct − 1, the most frequent first
 */
function zipf(distinct: number, exponent: number): (hash: number) => number {
  const h = (x: number) => Math.exp(-exponent * Math.log(x));
  // (x^(1−s) − 1) / (1 − s) and its inverse, both without a special case at s = 1.
  const area = (x: number) => Math.log(x) * expm1Over((1 - exponent) * Math.log(x));
  const inverse = (y: number) => Math.exp(y * log1pOver(Math.max(-1, y * (1 - exponent))));
  const first = area(1.5) - 1;
  const last = area(distinct + 0.5);
  const surelyInside = 2 - inverse(area(2.5) - h(2));
  return (hash) => {
    let state = hash;
    for (;;) {
      state = mix(state + 0x9e3779b9);
      const high = state;
      state = mix(state + 0x9e3779b9);
      const draw = (high * 2 ** 21 + (state >>> 11)) / 2 ** 53;
      const y = last + draw * (first - last);
      const x = inverse(y);
      const k = Math.min(distinct, Math.max(1, Math.floor(x + 0.5)));
      if (k - x <= surelyInside || y >= area(k + 0.5) - h(k)) return k - 1;
    }
  };
}

const expm1Over = (x: number) => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2);
const log1pOver = (x: number) => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2);
