// Defines what dashboards are drawn beside: a Prometheus with data, and the states it is drawn in.

import { readFile } from 'node:fs/promises';
import { pageHistory } from '../../test/support/page-history.ts';
import { startPrometheus, type RunningPrometheus } from '../../test/support/prometheus.ts';
import type { Span } from './judged-dashboard.ts';

export interface Scene extends AsyncDisposable {
  prometheus: RunningPrometheus;
  scrapeSeconds: number;
  /** In their order; each is drawn when it has begun. */
  states: readonly { name: string; begin(): Promise<unknown> }[];
  /** What is drawn now. */
  span(): Span;
}

/** Address of the pages, as the dashboards know it. Only shown: nothing is fetched from there. */
export const publicUrl = 'https://plimsoll.example.com';

const seconds = 900;
const scrapeSeconds = 15;
const golden = (name: string) => readFile(new URL(`../../test/golden/${name}`, import.meta.url), 'utf8');

/** A quarter of an hour of recorded pages of the exporter, with a series of every declared metric. */
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
