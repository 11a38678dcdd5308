// Renders lag series to a sink in a separate process, and prints the cost as JSON.

import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock } from '../core/clock.ts';
import { createLogger } from '../core/log.ts';
import { lagsOf } from '../brokers/kafka/inspect/lags.ts';
import type { ClusterSnapshot } from '../brokers/snapshot.ts';
import { createFamilies } from '../exporter/exposition/families.ts';
import { createScrape } from '../exporter/scrape-target.ts';
import { clusterTarget } from '../exporter/target.ts';
import { collectors } from '../exporter/registry.ts';
import { endsOf } from './simulated-fleet.ts';

const partitionsPerTopic = 100;
const topicsPerGroup = 5;
const warmUps = 3;
const rounds = 5;
/** Number of series in kafka_exporter's set, with two per commit; the rest of the set adds a few percent. */
const series = Number(process.argv[2]);
const snapshot = clusterOf(Math.ceil(series / 2));

const inspector = {
  describe: async () => snapshot.cluster,
  snapshot: async () => snapshot,
  async [Symbol.asyncDispose]() {},
};
const chosen = new Set(['consumer-groups']);
const target = clusterTarget({ name: 'bench', kind: 'kafka', inspector, chosen }, collectors);
const scrape = createScrape(target, { clock: systemClock, log: createLogger('silent') });
const { signal } = new AbortController();

async function page(): Promise<{ bytes: number; series: number }> {
  using families = createFamilies();
  const { parts, state } = await scrape({ signal });
  for (const { definitions, lines } of parts) families.add(definitions, lines);
  let bytes = 0;
  for (const chunk of families.chunks('text')) bytes += chunk.length;
  return { bytes, series: state.series };
}

for (let count = 0; count < warmUps; count++) await page();
const delays = monitorEventLoopDelay({ resolution: 1 });
const seconds = createHistogram();
delays.enable();
let rendered = { bytes: 0, series: 0 };
for (let count = 0; count < rounds; count++) {
  const began = performance.now();
  rendered = await page();
  seconds.record(Math.max(1, Math.round((performance.now() - began) * 1000)));
}
delays.disable();
process.stdout.write(
  JSON.stringify({
    ...rendered,
    seconds: seconds.percentile(50) / 1e6,
    // The monitor's own timer fires once per millisecond.
    longestStallSeconds: Math.max(0, delays.max / 1e9 - 0.001),
    residentBytes: process.resourceUsage().maxRSS * 1024,
  }),
);

function clusterOf(commits: number): ClusterSnapshot {
  const perGroup = topicsPerGroup * partitionsPerTopic;
  const groups = Math.ceil(commits / perGroup);
  const names = Array.from({ length: 100 }, (_, index) => `bench-${index}`);
  const topics = names.map((name) => ({
    name,
    internal: false,
    partitions: Array.from({ length: partitionsPerTopic }, (_, partition) => ({
      topic: name,
      partition,
      leader: '1',
      replicas: ['1'],
      inSyncReplicas: ['1'],
    })),
  }));
  const indexes = Int32Array.from({ length: partitionsPerTopic }, (_, partition) => partition);
  const endOf = (partition: number) => 3_000_000_000n + BigInt(partition);
  const offsets = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partition }) => ({ topic, partition, start: 0n, end: endOf(partition) })),
  );
  const ends = endsOf(offsets);
  return {
    cluster: { name: 'bench', kind: 'kafka', brokers: [] },
    topics,
    offsets,
    groups: Array.from({ length: groups }, (_, group) => {
      const committed = Array.from({ length: topicsPerGroup }, (_, index) => ({
        topic: names[(group + index) % names.length] ?? '',
        partitions: indexes,
        offsets: BigInt64Array.from(indexes, (partition) => endOf(partition) - BigInt(1000 + group)),
      }));
      return { name: `bench-group-${group}`, members: 1, partitions: lagsOf({ committed, assigned: [] }, ends) };
    }),
    sections: [],
  };
}
