// Measures ten open pages of a large fleet that follow changes during scrapes, and then the time of each page.

import { createHistogram } from 'node:perf_hooks';
import { atMost, median, type BenchIo, type BenchResult } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import { timesOfPages } from './page-times.ts';
import { clusterNames, type FleetSize } from './simulated-fleet.ts';
import { scrape, scrapeUntil, startFleet } from './started-fleet.ts';
import { askOnce } from './steady-requests.ts';

/** 100,000 commits in total. */
const size: FleetSize = { clusters: 200, groups: 50, partitionsPerGroup: 10, brokers: 10 };
const consoles = 10;
const scrapeEveryMs = 15_000;
const scrapesAlone = 3;
const mostScrapeRatio = 1.5;

const cluster = clusterNames(1)[0] ?? '';
const topic = 'topic-0';

/** All pages except those that wait for brokers, for which the time depends on the broker. */
const pages = [
  '/',
  `/clusters/${cluster}`,
  `/clusters/${cluster}?range=24h`,
  `/clusters/${cluster}/topics`,
  `/clusters/${cluster}/topics/${topic}`,
  `/clusters/${cluster}/groups`,
  '/search?q=group-4',
  '/event',
  '/plans',
  '/sizing',
  '/tests',
  '/ledger',
  '/ledger/1',
  '/ledger/2',
  `/gc?cluster=${cluster}`,
  `/what-if?cluster=${cluster}`,
  '/help',
];

/** @param minutes how long the pages stay open, at most two minutes */
export async function consolesOpen(minutes: number, io: BenchIo): Promise<BenchResult[]> {
  await using fleet = await startFleet(size, io);
  await scrape(fleet.url);
  const alone: number[] = [];
  for (let count = 0; count < scrapesAlone; count++) alone.push((await scrape(fleet.url)).seconds);
  const cpuBefore = cpuSecondsOf(fleet.pid);
  const stop = new AbortController();
  const seconds = Math.min(2, minutes) * 60;
  const ending = setTimeout(() => stop.abort(), seconds * 1000);
  const micros = createHistogram();
  const names = clusterNames(size.clusters);
  const open = Array.from({ length: consoles }, (_, index) =>
    followPage(fleet.url, index < 3 ? undefined : names[index], (us) => micros.record(us), stop.signal),
  );
  const [scrapes, refreshes] = await Promise.all([
    scrapeUntil(fleet.url, scrapeEveryMs, stop.signal),
    Promise.all(open),
  ]);
  clearTimeout(ending);
  const cores = (cpuSecondsOf(fleet.pid) - cpuBefore) / seconds;
  const ratio = median(scrapes.map((each) => each.seconds)) / median(alone);
  const what = `${size.clusters} clusters × ${size.brokers} brokers × ${size.groups} groups`;
  return [
    {
      metric: `p99 of ${refreshes.reduce((sum, count) => sum + count, 0)} refreshes of ${consoles} open pages beside scrapes of ${Math.round((scrapes[0]?.bytes ?? 0) / 1e6)} MB, ${what}`,
      unit: 'ms',
      ours: micros.percentile(99) / 1000,
      goal: 'none',
    },
    { metric: 'p50 of these', unit: 'ms', ours: micros.percentile(50) / 1000, goal: 'none' },
    atMost('median scrape beside open pages over alone', 'ratio', ratio, mostScrapeRatio),
    { metric: 'CPU of the service meanwhile', unit: 'cores', ours: cores, goal: 'none' },
    { metric: 'most resident', unit: 'MB', ours: peakResidentBytesOf(fleet.pid) / 1e6, goal: 'none' },
    ...(await timesOfPages(
      { url: fleet.url, pages: pages.map((path) => [path.replace(cluster, 'NAME'), path] as const), what },
      io,
    )),
  ];
}

/** Requests the page again when the stream reports a change, like the script of a page. @returns number of requests */
async function followPage(
  url: string,
  shown: string | undefined,
  record: (micros: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const path = shown === undefined ? '/' : `/clusters/${shown}`;
  const stream = await fetch(new URL(shown === undefined ? 'live' : `live?cluster=${shown}`, url), { signal });
  let refreshes = 0;
  try {
    const decoder = new TextDecoder();
    for await (const bytes of stream.body ?? []) {
      if (!decoder.decode(bytes, { stream: true }).includes('event: changed')) continue;
      const began = performance.now();
      await askOnce(undefined, url, { method: 'GET', path });
      record(Math.max(1, Math.round((performance.now() - began) * 1000)));
      refreshes++;
    }
  } catch (cause) {
    if (!signal.aborted) throw cause;
  }
  return refreshes;
}
