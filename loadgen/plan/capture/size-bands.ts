// Counts message sizes in bands: narrow enough to reproduce, too wide to identify a message.

/** Bands per doubling: each is at most 1/8 wide, so a uniform draw within a band has a mean error below 4 %. */
const bandsPerDoubling = 8;

export function createSizeBands() {
  const counts = new Map<number, number>();
  return {
    add(bytes: number): void {
      const from = bandStart(bytes);
      counts.set(from, (counts.get(from) ?? 0) + 1);
    },
    /** Returns the non-empty bands, smallest first. */
    list: (): { from: number; to: number; count: number }[] =>
      [...counts]
        .toSorted(([a], [b]) => a - b)
        .map(([from, count]) => ({ from, to: from + bandWidth(from) - 1, count })),
  };
}

/** Returns 1 up to 15 bytes, 2 from 16 to 31, 4 from 32 to 63, … */
const bandWidth = (bytes: number) =>
  bytes < 2 * bandsPerDoubling ? 1 : 2 ** (Math.floor(Math.log2(bytes)) - Math.log2(bandsPerDoubling));

function bandStart(bytes: number): number {
  const width = bandWidth(bytes);
  return Math.floor(bytes / width) * width;
}
