// Checks that collected values lie between two readings of an independent tool.

import { expect } from 'vitest';
import { seriesKey } from './exposition.ts';
import type { ScrapedPage, WatchedPage } from './watched-page.ts';

/** Offsets of one partition or queue for one group, read by the independent tool. */
export interface Mark {
  end: bigint;
  committed: bigint;
}

/** Marks by `partition` or `brokerName queue`. */
export type Marks = ReadonlyMap<string, Mark>;

export interface Metrics {
  end: string;
  committed: string;
  lag: string;
  /** Labels of the series for a partition or queue; the log end offset lacks `consumergroup`. */
  labelsOf(place: string): Readonly<Record<string, string>>;
}

export interface Seen extends Mark {
  lag: bigint;
}

/** @throws Error naming the series that is missing */
export function seenAt(place: string, { samples }: ScrapedPage, { labelsOf, ...metrics }: Metrics): Seen {
  const { consumergroup = '', ...ofEnd } = { cluster: 'lab', ...labelsOf(place) };
  const read = (metric: string, labels: Readonly<Record<string, string>>) => {
    const value = samples.get(seriesKey(metric, labels));
    if (value === undefined) throw new Error(`${metric} of ${place} is missing`);
    return BigInt(value);
  };
  const ofGroup = { consumergroup, ...ofEnd };
  return {
    end: read(metrics.end, ofEnd),
    committed: read(metrics.committed, ofGroup),
    lag: read(metrics.lag, ofGroup),
  };
}

/** Returns violations as text; empty if everything is in bounds. Lag is bounded by the end offsets and commits of both readings. */
export function misfitsOf(place: string, before: Mark, seen: Seen, after: Mark): string[] {
  const allowed = {
    end: [before.end, after.end],
    committed: [before.committed, after.committed],
    lag: [before.end - after.committed, after.end - before.committed],
  } as const;
  return (Object.keys(allowed) as (keyof Seen)[]).flatMap((name) => {
    const [least, most] = allowed[name];
    return seen[name] >= least && seen[name] <= most && seen[name] >= 0n
      ? []
      : [`${name} of ${place} is ${seen[name]}, not ${least} to ${most}`];
  });
}

export interface Watch {
  page: WatchedPage;
  metrics: Metrics;
  places: readonly string[];
}

/** Starts each collection only after the end offset and commit of every partition have moved since the last. */
export async function expectWithinBounds(watch: Watch, witness: () => Promise<Marks>, collections: number) {
  const { page, metrics, places } = watch;
  let last: Marks | undefined;
  let [movedMeanwhile, lagged] = [0, 0];
  for (let collection = 0; collection < collections; collection += 1) {
    const earlier = last;
    const hasMoved = ([place, { end, committed }]: [string, Mark]) =>
      earlier === undefined || (end > markOf(earlier, place).end && committed > markOf(earlier, place).committed);
    let before: Marks = new Map();
    await expect
      .poll(async () => [...(before = await witness())].filter(hasMoved).length, { timeout: 30_000, interval: 20 })
      .toBe(places.length);
    const scraped = await page.scrape();
    const after = await witness();
    last = after;
    for (const place of places) {
      const [then, now] = [markOf(before, place), markOf(after, place)];
      const seen = seenAt(place, scraped, metrics);
      expect(misfitsOf(place, then, seen, now)).toEqual([]);
      if (now.end > then.end) movedMeanwhile += 1;
      if (seen.lag > 0n) lagged += 1;
    }
  }
  // Otherwise the bounds would be those of an idle cluster.
  expect(movedMeanwhile).toBeGreaterThan(0);
  expect(lagged).toBeGreaterThan(0);
}

function markOf(marks: Marks, place: string): Mark {
  const mark = marks.get(place);
  if (mark === undefined) throw new Error(`the witness does not know ${place}`);
  return mark;
}
