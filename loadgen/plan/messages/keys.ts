// Generates the key of each message.

import { aliasTable } from './alias-table.ts';
import { drawOf, hashOf, mix, purposes } from './draw.ts';
import type { KeySpec } from './message-spec.ts';
import { zipf } from './zipf.ts';

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
