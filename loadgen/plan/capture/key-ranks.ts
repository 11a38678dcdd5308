// Measures key skew by salted hashes and rank, without revealing keys.

import { createHmac, randomBytes } from 'node:crypto';

/** Two of a million keys share 48 bits once in 560 times. */
const hashBytes = 6;

export function createKeyRanks() {
  // Forgotten with this object: without it, known keys could be hashed and looked for.
  const salt = randomBytes(32);
  const counts = new Map<number, number>();
  let messages = 0;
  let bytes = 0;
  return {
    add(key: Buffer): void {
      const hash = createHmac('sha256', salt).update(key).digest().readUIntBE(0, hashBytes);
      counts.set(hash, (counts.get(hash) ?? 0) + 1);
      messages += 1;
      bytes += key.length;
    },
    /** Undefined when no message had a key. */
    summary():
      { messages: number; bytes: number; distinct: number; bands: { keys: number; count: number }[] } | undefined {
      if (messages === 0) return undefined;
      const ranked = [...counts.values()].toSorted((a, b) => b - a);
      return { messages, bytes: bytes / messages, distinct: ranked.length, bands: bandsOf(ranked) };
    },
  };
}

/** Ranks 1, 2, 3 to 4, 5 to 8, …: the head of a skewed choice key by key, its tail together. */
function bandsOf(ranked: readonly number[]): { keys: number; count: number }[] {
  const bands: { keys: number; count: number }[] = [];
  for (let from = 0; from < ranked.length;) {
    const to = Math.min(ranked.length, Math.max(1, from * 2));
    const band = ranked.slice(from, to);
    bands.push({ keys: band.length, count: band.reduce((sum, count) => sum + count, 0) });
    from = to;
  }
  return bands;
}
