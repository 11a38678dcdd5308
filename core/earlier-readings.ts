// Keeps earlier readings, so that several scrapers of one source each get ratios over a sufficient window.

interface Timed {
  /** On a monotonic clock. */
  atSeconds: number;
}

/** Shortest window of a ratio: a scrape just after another scraper's must not get a ratio over the moments between them. */
const shortestWindowSeconds = 5;
/** Shortest distance of kept readings. */
const keepEverySeconds = 1;

/**
 * @param kept oldest first
 * @returns the newest reading that is old enough, and the later ones; ratios are computed from the first
 */
export function earlierReadings<Reading extends Timed>(
  kept: readonly Reading[],
  atSeconds: number,
  oldEnoughSeconds = shortestWindowSeconds,
): Reading[] {
  const oldEnough = kept.findLastIndex((each) => atSeconds - each.atSeconds >= oldEnoughSeconds);
  return kept.slice(Math.max(0, oldEnough));
}

/** @returns the readings to keep for the next scrape */
export function withReading<Reading extends Timed>(earlier: readonly Reading[], reading: Reading): Reading[] {
  const isApart = reading.atSeconds - (earlier.at(-1)?.atSeconds ?? -Infinity) >= keepEverySeconds;
  return isApart ? [...earlier, reading] : [...earlier];
}
