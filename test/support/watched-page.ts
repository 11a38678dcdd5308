// Reads the exporter's page over HTTP during faults, one collection per scrape.

import { expect } from 'vitest';
import { type Clock, seconds, systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { createExporterApp, listen } from '../../exporter/http-server.ts';
import { createLagClock } from '../../exporter/lag/lag-clock.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { collectors } from '../../exporter/registry.ts';
import type { CollectorRegistry, WatchedCluster } from '../../exporter/target.ts';
import { parseExposition } from './exposition.ts';

export interface ScrapedPage {
  /** Samples as in `Exposition.samples`. */
  samples: ReadonlyMap<string, string>;
  /** State of the parts of the page: `offsets 2` for that of broker 2. */
  parts: ReadonlyMap<string, Part>;
}

export interface Part {
  kind: 'fresh' | 'kept' | 'missing' | 'skipped';
  ageSeconds?: number;
}

export interface WatchedPage extends AsyncDisposable {
  /** Runs one collection, with the default timeout of Prometheus of 10 s. */
  scrape(): Promise<ScrapedPage>;
  /**
   * Repeats collections with a short pause until the page satisfies the condition.
   * @returns all of them; the last one satisfies it. @throws Error after `most`, with the stale parts of the last one
   */
  scrapeUntil(what: string, most: number, isSo: (page: ScrapedPage) => boolean): Promise<ScrapedPage[]>;
}

const scrapeSeconds = 10;
const pause = seconds(0.3);

export async function watchPage(
  clusters: readonly WatchedCluster[],
  { clock = systemClock, registry = collectors }: { clock?: Clock; registry?: CollectorRegistry } = {},
): Promise<WatchedPage> {
  const { signal } = new AbortController();
  const log = createLogger('silent');
  const lagClocks = clusters.map(() => createLagClock({ clock, log }));
  const page = createMetricsPage({
    clusters: clusters.map((cluster, index) => {
      const lagClock = lagClocks[index];
      return { ...cluster, ...(lagClock && { lagClock }) };
    }),
    hosts: [],
    clock,
    log,
    registry,
  });
  const server = await listen(createExporterApp(page), '127.0.0.1:0', { signal });

  async function scrape(): Promise<ScrapedPage> {
    const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': String(scrapeSeconds) };
    const response = await fetch(`${server.url}metrics`, { headers });
    expect(response.status).toBe(200);
    const { samples } = parseExposition(await response.text());
    return { samples, parts: partsIn(samples) };
  }

  return {
    scrape,
    async scrapeUntil(what, most, isSo) {
      const pages: ScrapedPage[] = [];
      for (;;) {
        const last = await scrape();
        pages.push(last);
        if (isSo(last)) return pages;
        if (pages.length === most) throw new Error(`${what}: not after ${most} collections; ${unwell(last)}`);
        await systemClock.sleep(pause);
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      for (const { inspector } of clusters) await inspector[Symbol.asyncDispose]();
      for (const lagClock of lagClocks) await lagClock[Symbol.asyncDispose]();
    },
  };
}

/** Returns names and labels of the brokers' series, without those of the exporter itself. */
export const seriesIn = ({ samples }: ScrapedPage) =>
  new Set([...samples.keys()].filter((key) => !key.startsWith('plimsoll_scrape_') && !/^(nodejs|process)_/.test(key)));

/** Returns series of one page that are missing from another. */
export const gone = (before: ScrapedPage, after: ScrapedPage) =>
  [...seriesIn(before).difference(seriesIn(after))].toSorted();

/** Returns the distinct metric names of series. */
export const metricsOf = (keys: readonly string[]) => [...new Set(keys.map((key) => key.replace(/\{.*$/s, '')))];

export const isFresh = ({ samples, parts }: ScrapedPage) =>
  parts.size > 0 &&
  [...parts.values()].every(({ kind }) => kind === 'fresh') &&
  [...samples].every(([key, value]) => !key.startsWith('plimsoll_cluster_up') || value === '1');

/** Returns the names of the parts in that state, sorted. */
export const partsThatAre = ({ parts }: ScrapedPage, kind: Part['kind']) =>
  [...parts]
    .filter(([, part]) => part.kind === kind)
    .map(([name]) => name)
    .toSorted();

function partsIn(samples: ReadonlyMap<string, string>): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const [key, value] of samples) {
    const [, labels] = /^plimsoll_scrape_section_skipped(\{.*\})$/.exec(key) ?? [];
    if (labels === undefined) continue;
    const age = samples.get(`plimsoll_scrape_section_age_seconds${labels}`);
    const isGood = samples.get(`plimsoll_scrape_section_success${labels}`) === '1';
    const unread = age === undefined ? 'missing' : 'kept';
    parts.set(nameOf(labels), {
      kind: value === '1' ? 'skipped' : isGood ? 'fresh' : unread,
      ...(age !== undefined && { ageSeconds: Number(age) }),
    });
  }
  return parts;
}

function nameOf(labels: string): string {
  const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
  return `${label('section')} ${label('broker')}`.trim();
}

function unwell({ parts, samples }: ScrapedPage): string {
  const unfresh = [...parts].filter(([, { kind }]) => kind !== 'fresh').map(([name, { kind }]) => `${name} ${kind}`);
  const down = [...samples].filter(([key, value]) => key.startsWith('plimsoll_cluster_up') && value === '0');
  return `${unfresh.join(', ') || 'every part was fresh'}${down.map(([key]) => `; ${key} is 0`).join('')}`;
}
