// Measures the landing page of a service that reads current rates from a metric store.

import { setTimeout } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import { readAnalysis } from '../test/support/analyses.ts';
import { startService } from '../test/support/running-service.ts';
import { median } from './bench.ts';
import { sourceOf } from './fleet-store-questions.ts';
import { askOnce } from './steady-requests.ts';

export interface Landing {
  /** Median over the requests of the page. */
  medianSeconds: number;
  slowestSeconds: number;
  bytes: number;
  /** Number of clusters with a current rate from the store. */
  shown: number;
  /** Time until the store has returned a rate. */
  medianLoadSeconds: number;
  slowestLoadSeconds: number;
}

/** Current message rate of a cluster in the store, in messages per second. */
export const messageRateQuery = (cluster: string) =>
  `sum(rate(kafka_broker_messages_in_total{cluster="${cluster}"}[5m]))`;

const pageRequests = 40;
const longestWaitSeconds = 90;

/** Runs the whole service over clusters that it cannot connect to: current rates come from the store. */
export async function showFleet(
  url: string,
  clusters: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Landing> {
  const document = readAnalysis('load-test');
  const config = {
    clusters: Object.fromEntries(clusters.map((name) => [name, { broker: 'kafka', bootstrap: ['127.0.0.1:1'] }])),
    sources: { store: sourceOf(url) },
    service: {
      // No broker runs there: one attempt is enough.
      schedule: { readings: '1h' },
      clusters: Object.fromEntries(clusters.map((name) => [name, { source: 'store', load: messageRateQuery(name) }])),
    },
  };
  const by = { name: 'plimsoll', through: 'schedule' } as const;
  const peak = { tps: 24_000, low: 20_000, high: 29_000, at: new Date().toISOString(), confidence: 0.8 };
  await using service = await startService(config, (ledger) => {
    for (const cluster of clusters) {
      const run = { ...document.run, cluster, startedAt: new Date().toISOString() };
      ledger.append({ kind: 'verdict', cluster, document: { ...document, run } }, by);
      ledger.append(
        { kind: 'forecast', cluster, document: { horizonEndsAt: peak.at, peak, points: [], chosen: 'seasonal' } },
        by,
      );
    }
  });
  let shown = 0;
  for (const last = Date.now() + longestWaitSeconds * 1000; shown < clusters.length && Date.now() < last;) {
    await setTimeout(1000, undefined, { signal });
    const fleet = await (await fetch(`${service.url}api/v1/fleet?limit=500`, { signal })).text();
    shown = fleet.split('"source":"sum(rate(').length - 1;
  }
  const seconds: number[] = [];
  let bytes = 0;
  for (let request = 0; request < pageRequests; request++) {
    const began = performance.now();
    const { status, length } = await askOnce(undefined, service.url, { method: 'GET', path: '/' });
    if (status !== 200) throw new AppError('run-failed', `the landing page answers ${status}`);
    seconds.push((performance.now() - began) / 1000);
    bytes = length;
    await setTimeout(250, undefined, { signal });
  }
  const metrics = await (await fetch(`${service.url}metrics`, { signal })).text();
  const loads = [...metrics.matchAll(/^plimsoll_job_duration_seconds\{[^}]*task="load"[^}]*\} (\S+)$/gm)].map(
    ([, value]) => Number(value),
  );
  if (loads.length === 0) throw new AppError('run-failed', 'the service tells of no job that reads the load');
  return {
    medianSeconds: median(seconds),
    slowestSeconds: Math.max(...seconds),
    bytes,
    shown,
    medianLoadSeconds: median(loads),
    slowestLoadSeconds: Math.max(...loads),
  };
}
