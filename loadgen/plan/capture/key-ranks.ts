// Measures key skew by salted hashes and rank, without exposing keys.

import { createHmac, randomBytes } from 'node:crypto';

/** For a million keys, one pair shares 48 bits in one of 560 samples. */
const hashBytes = 6;

export function createKeyRanks() {
  // The salt is never stored: with it, hashes of guessed keys could be looked up.
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
    /** Returns undefined if no message had a key. */
    summary():
      { messages: number; bytes: number; distinct: number; bands: { keys: number; count: number }[] } | undefined {
      if (messages === 0) return undefined;
      const ranked = [...counts.values()].toSorted((a, b) => b - a);
      return { messages, bytes: bytes / messages, distinct: ranked.length, bands: bandsOf(ranked) };
    },
  };
}

/** Groups ranks 1, 2, 3 to 4, 5 to 8, …: separate bands for the hottest keys, wide bands for the tail. */
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
