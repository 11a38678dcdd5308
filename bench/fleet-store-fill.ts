// Writes one day of a fleet into a metric store as JSON lines, and waits until queries return all of it.

import { setTimeout } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { MetricStore } from './fleet-store-nodes.ts';
import { ask } from './fleet-store-questions.ts';
import { storedSeriesOf } from './fleet-store-series.ts';
import type { StoredFleet } from './stored-fleet.ts';

const linesPerRequest = 100;
const requestsAtOnce = 3;
const longestUntilSeenMs = 120_000;

export interface Filled {
  series: number;
  seconds: number;
  cpuSeconds: number;
}

export async function fill(store: MetricStore, fleet: StoredFleet, io: { signal: AbortSignal }): Promise<Filled> {
  const before = await store.cost();
  const began = performance.now();
  const bodies = bodiesOf(fleet);
  let series = 0;
  const send = async () => {
    for (let next = bodies.next(); next.done !== true; next = bodies.next()) {
      series += next.value.length;
      const body = next.value.join('');
      const response = await fetch(`${store.takesIn}/api/v1/import`, { method: 'POST', body, signal: io.signal });
      await response.body?.cancel();
      if (!response.ok) throw new AppError('run-failed', `${store.name} takes no import: HTTP ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, send));
  await untilSeen(store, fleet, io);
  const { cpuSeconds } = await store.cost();
  return { series, seconds: (performance.now() - began) / 1000, cpuSeconds: cpuSeconds - before.cpuSeconds };
}

/** Waits, because inserted data takes a while to reach the storage nodes. */
async function untilSeen(store: MetricStore, fleet: StoredFleet, io: { signal: AbortSignal }): Promise<void> {
  const brokers = fleet.clusters.length * fleet.brokersPerCluster;
  const all = `count(kafka_broker_messages_in_total) + count(node_boot_time_seconds)`;
  for (const last = Date.now() + longestUntilSeenMs; ; await setTimeout(500, undefined, io)) {
    await store.flush();
    const [seen] = (await ask(store.answers, all, fleet.from + 86_400, io)).values();
    if (seen === 2 * brokers) return;
    if (Date.now() > last) throw new AppError('run-failed', `${store.name} shows ${seen} of ${2 * brokers} series`);
  }
}

function* bodiesOf(fleet: StoredFleet): Generator<string[], undefined> {
  const times = Array.from({ length: fleet.minutes }, (_, minute) => (fleet.from + 60 * minute) * 1000).join(',');
  let body: string[] = [];
  for (const cluster of fleet.clusters) {
    for (const { metric, labels, values } of storedSeriesOf(fleet, cluster)) {
      const name = JSON.stringify({ __name__: metric, ...labels });
      const text = typeof values === 'number' ? `${values},`.repeat(fleet.minutes).slice(0, -1) : values.join(',');
      body.push(`{"metric":${name},"values":[${text}],"timestamps":[${times}]}\n`);
      if (body.length < linesPerRequest) continue;
      yield body;
      body = [];
    }
  }
  if (body.length > 0) yield body;
  return undefined;
}
