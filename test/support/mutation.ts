// Mutates captured responses by seed, like a faulty or malicious peer.

export type Random = () => number;

/** mulberry32: small, fast, and sufficiently random to choose positions. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const edgeNumbers = [0, 1, -1, 0x7fffffff, -0x80000000, 0x7fff, 0xffff, 0x01000000, 0x00ffffff];
const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u',
  '\\ud800',
  '-',
  '9'.repeat(40),
  '1e999',
  'NaN',
  'null',
  '{{',
  '[[',
];
const alphabet = '0123456789abcXYZ-+.% ';

/**
 * @param payload offset after the header: most changes affect later bytes, so that decoders reach them
 * @returns bytes whose leading length is mostly still right
 */
export function mutate(random: Random, seed: Buffer, other: Buffer, payload: number): Buffer {
  const below = (limit: number) => Math.floor(random() * limit);
  let bytes: Buffer = Buffer.from(seed);
  for (let edits = 1 + below(4); edits > 0; edits--) {
    const inPayload = payload < bytes.length && random() < 0.85;
    bytes = inPayload
      ? damage(bytes, payload + below(bytes.length - payload), other, below)
      : dent(bytes, 8 + below(Math.max(1, payload - 8)), below);
  }
  const fate = random();
  if (fate < 0.06) return bytes.subarray(0, below(bytes.length));
  if (fate < 0.1) bytes.writeInt32BE(edgeNumbers[below(edgeNumbers.length)] ?? 0, 0);
  else bytes.writeInt32BE(bytes.length - 4, 0);
  return bytes;
}

type Below = (limit: number) => number;

/** Applies a random change of any kind. */
function damage(bytes: Buffer, at: number, other: Buffer, below: Below): Buffer {
  const upTo = Math.min(bytes.length, at + 1 + below(40));
  const insert = (what: Buffer) => Buffer.concat([bytes.subarray(0, at), what, bytes.subarray(at)]);
  switch (below(7)) {
    case 0:
      bytes[at] = below(256);
      return bytes;
    case 1:
      if (at + 4 <= bytes.length) bytes.writeInt32BE(edgeNumbers[below(edgeNumbers.length)] ?? 0, at);
      return bytes;
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(upTo)]);
    case 3:
      return insert(bytes.subarray(at, upTo));
    case 4:
      return insert(Buffer.from((tokens[below(tokens.length)] ?? '').repeat(1 + below(5))));
    case 5:
      return Buffer.concat([bytes.subarray(0, at), other.subarray(below(other.length))]);
    default:
      return dent(bytes, at, below);
  }
}

/** Replaces a character by another: text often stays well-formed. */
function dent(bytes: Buffer, at: number, below: Below): Buffer {
  if (at < bytes.length) bytes.write(alphabet[below(alphabet.length)] ?? '', at, 'latin1');
  return bytes;
}
