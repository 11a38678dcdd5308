// Defines the environment in which dashboards are rendered: a Prometheus with data, and the states to render.

import { readFile } from 'node:fs/promises';
import { pageHistory } from '../support/page-history.ts';
import { startPrometheus, type RunningPrometheus } from '../support/prometheus.ts';
import type { Span } from './judged-dashboard.ts';

export interface Scene extends AsyncDisposable {
  prometheus: RunningPrometheus;
  scrapeSeconds: number;
  /** States in order; each is rendered after it has begun. */
  states: readonly { name: string; begin(): Promise<unknown> }[];
  /** Returns the time span to render now. */
  span(): Span;
}

/** Address of the pages in the dashboards. Only displayed, never fetched. */
export const publicUrl = 'https://plimsoll.example.com';

const seconds = 900;
const scrapeSeconds = 15;
const golden = (name: string) => readFile(new URL(`../golden/${name}`, import.meta.url), 'utf8');

/**
 * Starts a Prometheus with recorded exporter pages as a quarter of an hour of history, with a series of every declared
 * metric.
 */
export async function startRecordedScene(): Promise<Scene> {
  const endsAt = Math.floor(Date.now() / 1000);
  const pages = await Promise.all(['metrics.prom', 'metrics-rocketmq.prom'].map(golden));
  const history = pageHistory(pages, { endsAt, seconds, everySeconds: scrapeSeconds });
  const prometheus = await startPrometheus({ job: 'none', scrapes: [], history });
  return {
    prometheus,
    scrapeSeconds,
    states: [{ name: 'recorded', begin: () => prometheus.untilAnswered('up') }],
    span: () => ({ fromMs: (endsAt - seconds) * 1000, toMs: endsAt * 1000 }),
    [Symbol.asyncDispose]: () => prometheus[Symbol.asyncDispose](),
  };
}
