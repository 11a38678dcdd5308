// Defines the time ranges of recorded readings, each with its slot length.

export const readingsRanges = ['1h', '6h', '24h'] as const;
export type ReadingsRange = (typeof readingsRanges)[number];

/** 240 to 360 points a range: about the columns of a chart. */
export const readingsLevels: Readonly<Record<ReadingsRange, { slotMs: number; slots: number }>> = {
  '1h': { slotMs: 15_000, slots: 240 },
  '6h': { slotMs: 60_000, slots: 360 },
  '24h': { slotMs: 300_000, slots: 288 },
};

/** A range read from a monitoring system; slots begin and end at multiples of their length. */
export interface PastRange {
  /** End of the last slot. */
  endMs: number;
  slotMs: number;
  slots: number;
}

const minuteMs = 60_000;
export const pastDays = 7;
export const shortestPastMs = 10 * minuteMs;
export const longestPastMs = 93 * 86_400_000;
/** Slot lengths that are readable on an axis. */
const pastSlotsMs = [1, 2, 5, 10, 15, 30, 60, 120, 240, 480].map((minutes) => minutes * minuteMs);
const mostPastSlots = 340;

/** @returns slots for a range, as short as 340 of them allow, their count a multiple of 3; the last one has ended */
export function pastRange(fromMs: number, toMs: number): PastRange {
  const spanMs = toMs - fromMs;
  const slotMs = pastSlotsMs.find((each) => spanMs / each <= mostPastSlots) ?? 480 * minuteMs;
  return { endMs: Math.floor(toMs / slotMs) * slotMs, slotMs, slots: 3 * Math.max(1, Math.floor(spanMs / slotMs / 3)) };
}
