// Stretches the steps of a load test to a day of scraped series.

import type { HistorySpan, KeptSeries } from './cluster-history.ts';

/** Result of an instant query of a range: times in seconds since the epoch. */
export interface ScrapedSeries {
  metric: Readonly<Record<string, string>>;
  values: readonly (readonly [time: number, value: string])[];
}

export interface DayOfSteps {
  /** Steady parts of the steps, in seconds since the epoch. */
  steps: readonly { from: number; to: number }[];
  /** Step of each block of the day. */
  course: readonly number[];
  blockSeconds: number;
  /** Start of the day. */
  from: number;
  scrapeSeconds: number;
}

/** Gauges that only increase. */
const growing = /_total$|_current_offset$/;

/** @returns series with the scraped names and labels; counters keep their rate, over the scrape interval */
export function dayOfSteps(
  scraped: readonly ScrapedSeries[],
  day: DayOfSteps,
): { kept: KeptSeries[]; span: HistorySpan } {
  const { from, scrapeSeconds, course, blockSeconds } = day;
  const span = { from, to: from + course.length * blockSeconds, scrapeSeconds };
  const kept = scraped.flatMap(({ metric: { __name__: metric = '', ...labels }, values }): KeptSeries[] => {
    const isGrowing = growing.test(metric);
    const table = valuesOf(
      values.map(([time, value]) => [time, Number(value)] as const),
      isGrowing,
      day,
    );
    if (table === undefined) return [];
    const type = isGrowing ? 'counter' : 'gauge';
    return [{ metric, type, labels, at: (time) => table[Math.round((time - from) / scrapeSeconds)] }];
  });
  return { kept, span };
}

type Sample = readonly [time: number, value: number];

/** @returns a value per scrape; undefined if a step has no samples of the series */
function valuesOf(
  samples: readonly Sample[],
  isGrowing: boolean,
  { steps, course, blockSeconds, scrapeSeconds }: DayOfSteps,
): number[] | undefined {
  const ofSteps = steps.map(({ from, to }) => {
    const own = samples.filter(([time]) => time >= from && time <= to);
    return isGrowing ? ratesOf(own) : own.map(([, value]) => value);
  });
  if (ofSteps.some((values) => values.length === 0)) return undefined;
  let sum = 0;
  const table: number[] = isGrowing ? [0] : [];
  for (const step of course) {
    const values = ofSteps[step] ?? [];
    for (let scrape = 0; scrape < blockSeconds / scrapeSeconds; scrape += 1) {
      const value = values[scrape % values.length] ?? 0;
      sum += value * scrapeSeconds;
      table.push(isGrowing ? sum : value);
    }
  }
  if (!isGrowing) table.push(table.at(-1) ?? 0);
  return table;
}

/**
 * Computes rates between readings. An exporter on a busy machine reads a counter less often than it is scraped, and exports the old value
 * in between, so the increase after the last reading of a step would be missing.
 *
 * @returns a rate for each scrape between the first reading and the last; zeros if the counter never increased
 */
function ratesOf(samples: readonly Sample[]): number[] {
  const read = samples.filter(([, value], index) => index === 0 || value !== samples[index - 1]?.[1]);
  if (read.length < 3) return samples.slice(1).map(() => 0);
  // The age of the first value at the first scrape is unknown.
  return read.slice(2).flatMap(([time, value], index) => {
    const [before, last] = read[index + 1] as Sample;
    const scrapes = samples.filter(([at]) => at > before && at <= time).length;
    return Array.from({ length: scrapes }, () => (value - last) / (time - before));
  });
}
