// Measures the service during collection: a fleet in memory, steady requests during scrapes, and its largest page.

import { AppError } from '../core/errors.ts';
import { atMost, below, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import { clusterNames, type FleetSize } from './simulated-fleet.ts';
import { againstReference, referenceLoop } from './reference.ts';
import { consolesOpen } from './consoles.ts';
import { scrape, scrapeUntil, startFleet, type Fleet } from './started-fleet.ts';
import { askOnce, askSteadily, type Asking } from './steady-requests.ts';

/** 40,000 commits: about 90,000 series per scrape, like a busy exporter. */
const scraped: FleetSize = { clusters: 20, groups: 200, partitionsPerGroup: 10 };
const largest: FleetSize = { clusters: 500, groups: 200, partitionsPerGroup: 2 };
const requestsPerSecond = 100;
const usualMinutes = 5;
/** More often than the common scrape interval of 15 s. */
const scrapeEveryMs = 5000;
const scrapesAlone = 4;
const warmUps = 3;
const pageRounds = 5;

/** In reference loops, like the time of a page. */
const mostP99 = 0.6;
const mostScrapeRatio = 1.5;
const mostPage = 3;
const mostPageKilobytes = 300;

export const service = {
  name: 'service',
  summary: `latency of pages and API at ${requestsPerSecond} requests a second beside scrapes, the page of 500 clusters, and ten open pages of 200 clusters`,
  options: {
    minutes: { type: 'string', value: 'N', help: `how long it is asked (default ${usualMinutes})` },
  },
  evidence: 'docs/evidence/service-speed.md',

  async run(io) {
    const minutes = Number(io.options['minutes'] ?? usualMinutes);
    if (!(minutes > 0 && minutes <= 60)) throw new AppError('usage', '--minutes: from above 0 to 60');
    return [...(await underLoad(minutes, io)), ...(await pages(io)), ...(await consolesOpen(minutes, io))];
  },
} satisfies Bench;

async function underLoad(minutes: number, io: BenchIo): Promise<BenchResult[]> {
  await using fleet = await startFleet(scraped, io);
  const asked = await questions(fleet, scraped, io);
  for (let count = 0; count < warmUps; count++) await scrape(fleet.url);
  for (const each of asked) await askOnce(undefined, fleet.url, each);
  const alone: number[] = [];
  for (let count = 0; count < scrapesAlone; count++) alone.push((await scrape(fleet.url)).seconds);

  const cpuBefore = cpuSecondsOf(fleet.pid);
  const stop = new AbortController();
  const beside = scrapeUntil(fleet.url, scrapeEveryMs, stop.signal);
  const seconds = minutes * 60;
  const answered = await askSteadily(
    fleet.url,
    { rate: requestsPerSecond, seconds, next: (turn) => asked[turn % asked.length] as Asking },
    io,
  );
  stop.abort();
  const scrapes = await beside;
  const { micros, failed, requests } = answered;
  const [p50, p99, slowest] = [micros.percentile(50), micros.percentile(99), micros.max].map((each) => each / 1000) as [
    number,
    number,
    number,
  ];
  const cores = (cpuSecondsOf(fleet.pid) - cpuBefore) / seconds;
  const ratio = median(scrapes.map((each) => each.seconds)) / median(alone);
  const broken = [...failed.values()].reduce((sum, count) => sum + count, 0);
  const what = `${requestsPerSecond} requests/s for ${minutes} min beside ${scrapes.length} scrapes of ${Math.round((scrapes[0]?.bytes ?? 0) / 1e6)} MB`;
  if (broken > 0) io.stderr.write(`failed: ${[...failed].map(([why, count]) => `${count} with ${why}`).join(', ')}\n`);
  return [
    againstReference(`p99 of ${what}`, { ours: p99 / 1000, reference: referenceLoop().wall, most: mostP99 }),
    { metric: 'p50 of these', unit: 'ms', ours: p50, goal: 'none' },
    { metric: 'slowest of these', unit: 'ms', ours: slowest, goal: 'none' },
    atMost(`failed of ${requests} requests`, '', broken, 0),
    atMost('median scrape beside requests over alone', 'ratio', ratio, mostScrapeRatio),
    atMost(`failed of ${scrapes.length} scrapes`, '', scrapes.filter(({ isOk }) => !isOk).length, 0),
    { metric: 'CPU of the service meanwhile', unit: 'cores', ours: cores, goal: 'none' },
    { metric: 'most resident', unit: 'MB', ours: peakResidentBytesOf(fleet.pid) / 1e6, goal: 'none' },
  ];
}

/** Requests pages and API in turns, like people, dashboards and programs; one in a hundred writes. */
async function questions({ url, operator }: Fleet, { clusters }: FleetSize, { stderr }: BenchIo): Promise<Asking[]> {
  const names = clusterNames(clusters);
  const get = (path: string): Asking => ({ method: 'GET', path });
  const api = '/api/v1';
  const kinds: ((turn: number) => string)[] = [
    () => '/',
    (turn) => `/clusters/${names[turn % clusters]}`,
    () => '/ledger',
    () => `${api}/fleet`,
    () => `${api}/clusters?limit=100`,
    (turn) => `${api}/clusters/${names[turn % clusters]}`,
    (turn) => `${api}/clusters/${names[turn % clusters]}/verdicts`,
    () => `${api}/ledger?limit=50`,
    (turn) => `${api}/ledger/${1 + turn}`,
    () => `${api}/healthz`,
  ];
  const there: typeof kinds = [];
  for (const kind of kinds) {
    const { status } = await askOnce(undefined, url, get(kind(0)));
    if (status === 200) there.push(kind);
    else stderr.write(`left out: ${kind(0)}, which answers ${status}\n`);
  }
  const note = JSON.stringify({ what: 'annotated', note: 'seen by the bench' });
  return Array.from({ length: 100 }, (_, turn) =>
    turn === 99
      ? { method: 'POST', path: `${api}/changes`, body: note, headers: operator }
      : get((there[turn % there.length] ?? (() => `${api}/healthz`))(turn % clusters)),
  );
}

/** Measures the landing page and the fleet in the API, each complete. */
async function pages(io: BenchIo): Promise<BenchResult[]> {
  await using fleet = await startFleet(largest, io);
  // The schedule reads each cluster without requests.
  await scrape(fleet.url);
  const rows: BenchResult[] = [];
  const reference = referenceLoop().wall;
  for (const [name, path] of [
    ['landing page', '/'],
    ['cluster page', `/clusters/${clusterNames(1)[0]}`],
    ['API, the fleet in one answer', '/api/v1/fleet?limit=500'],
  ] as const) {
    const seconds: number[] = [];
    let last = { status: 0, length: 0 };
    for (let round = 0; round < pageRounds; round++) {
      const began = performance.now();
      last = await askOnce(undefined, fleet.url, { method: 'GET', path });
      seconds.push((performance.now() - began) / 1000);
    }
    if (last.status !== 200) {
      io.stderr.write(`left out: ${path}, which answers ${last.status}\n`);
      continue;
    }
    // Include the first request of a page, which compiles it, because users see it too.
    const slowest = Math.max(...seconds);
    const what = `${largest.clusters} clusters × ${largest.groups} groups, ${name}`;
    rows.push(
      againstReference(`slowest of ${pageRounds}, ${what}`, { ours: slowest, reference, most: mostPage }),
      below(`over the wire, ${what}`, 'KB', last.length / 1000, mostPageKilobytes),
    );
  }
  return rows;
}
