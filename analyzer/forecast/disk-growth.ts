// Predicts in how many days a disk is full, from its median weekly growth and from that of the worst week in ten.

import type { ForecastDocument } from '../../core/documents/forecast.ts';
import { defined } from '../../core/defined.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { dayAt } from './grid.ts';
import type { History } from './history.ts';

export type DiskForecast = Omit<Extract<ForecastDocument, { kind: 'disk' }>, 'schemaVersion'>;

const leastDays = 14;
const windowDays = 7;
/** A decrease above this share of the capacity from one day to the next is a deletion, not noise. */
const noticeableFall = 0.01;

/**
 * Uses growth per week, so that quiet Sundays do not matter, over all overlapping windows of seven days. Deletions
 * count: a disk whose retention keeps up does not fill.
 */
export function diskForecast(
  history: History,
  capacityBytes: number,
): DiskForecast | { kind: 'refused'; reason: string } {
  const days = lastOfEachDay(history);
  const used = days.findLast((value) => !Number.isNaN(value));
  const growths = days.slice(windowDays).flatMap((value, i) => {
    const growth = (value - (days[i] as number)) / windowDays;
    return Number.isNaN(growth) ? [] : [growth];
  });
  const leastWindows = leastDays - windowDays;
  const refused = (reason: string) => ({ kind: 'refused' as const, reason });
  if (days.length >= leastDays && growths.length < leastWindows) {
    return refused(
      `the history has gaps: ${growths.length} of ${days.length - windowDays} seven-day windows have both ends, and days to full need ${leastWindows}`,
    );
  }
  if (used === undefined || days.length < leastDays) {
    return refused(
      `the history has ${days.length} days: days to full need ${leastDays}, ${leastDays - days.length} more`,
    );
  }
  const [middle, high] = [quantile(growths, 0.5), quantile(growths, 0.9)];
  const free = Math.max(0, capacityBytes - used);
  const daysAt = (growth: number) => (free === 0 ? 0 : growth > 0 ? free / growth : undefined);
  const [atQuantile50, atQuantile90] = [daysAt(middle), daysAt(high)];
  const falls = days.filter(
    (value, i) => i > 0 && value < (days[i - 1] as number) - noticeableFall * capacityBytes,
  ).length;
  return {
    kind: 'disk',
    usedBytes: used,
    capacityBytes,
    growthBytesPerDay: { quantile50: middle, quantile90: high, windows: growths.length },
    ...(atQuantile90 !== undefined && { daysToFull: { ...defined({ atQuantile50 }), atQuantile90 } }),
    falls,
    notes: [
      ...history.notes,
      ...(falls > 0
        ? [`use fell by more than 1% of the capacity on ${falls} days: deletions are part of the growth`]
        : []),
    ],
  };
}

function lastOfEachDay({ grid, first, values }: History): number[] {
  const days: number[] = [];
  const zeroth = dayAt(grid, first);
  for (const [i, value] of values.entries()) {
    const day = dayAt(grid, first + i) - zeroth;
    while (days.length <= day) days.push(Number.NaN);
    if (!Number.isNaN(value)) days[day] = value;
  }
  return days;
}
