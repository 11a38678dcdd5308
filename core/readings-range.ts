// Defines the time ranges of recorded readings, each with the spacing of its points.

export const readingsRanges = ['1h', '6h', '24h'] as const;
export type ReadingsRange = (typeof readingsRanges)[number];

/** 240 to 360 points a range: about as many as a chart has columns. */
export const readingsLevels: Readonly<Record<ReadingsRange, { slotMs: number; slots: number }>> = {
  '1h': { slotMs: 15_000, slots: 240 },
  '6h': { slotMs: 60_000, slots: 360 },
  '24h': { slotMs: 300_000, slots: 288 },
};
