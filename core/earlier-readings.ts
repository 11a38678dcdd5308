// Keeps the readings that ratios are computed from where several scrapers read the same thing.

interface Timed {
  /** By a steady clock. */
  atSeconds: number;
}

/** Ratios are means since an earlier reading: of several scrapers none may get those of the moments between it and another. */
const shortestWindowSeconds = 5;
/** Readings in between are not kept closer than this. */
const keepEverySeconds = 1;

/**
 * @param kept oldest first
 * @returns the newest that is old enough and those after it: the ratio is since the first
 */
export function earlierReadings<Reading extends Timed>(
  kept: readonly Reading[],
  atSeconds: number,
  oldEnoughSeconds = shortestWindowSeconds,
): Reading[] {
  const oldEnough = kept.findLastIndex((each) => atSeconds - each.atSeconds >= oldEnoughSeconds);
  return kept.slice(Math.max(0, oldEnough));
}

/** @returns what the next reading is to find */
export function withReading<Reading extends Timed>(earlier: readonly Reading[], reading: Reading): Reading[] {
  const isApart = reading.atSeconds - (earlier.at(-1)?.atSeconds ?? -Infinity) >= keepEverySeconds;
  return isApart ? [...earlier, reading] : [...earlier];
}
