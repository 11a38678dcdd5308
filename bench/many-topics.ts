// Measures the service over one real Kafka broker with 5,000 topics: scrapes, memory, and the time of each page.

import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { ignoreFault } from '../core/errors.ts';
import { startKafka } from '../test/support/kafka.ts';
import { startService } from '../test/support/running-service.ts';
import { atMost, median, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';
import { timesOfPages } from './page-times.ts';
import { benchTopic, fillCluster } from './scraped-cluster.ts';
import { scrape, scrapeUntil } from './started-fleet.ts';

const topics = 5000;
/** Topics per `createTopics` request: a controller refuses more than 10,000 records at once. */
const perBatch = 500;
/** Topics that receive messages every second. */
const busyTopics = 500;
const groups = 100;
const topicsPerGroup = 100;
const scrapeEveryMs = 15_000;
const measuredMs = 90_000;
/** Default scrape timeout of Prometheus. */
const mostScrapeSeconds = 10;

const group = 'bench-group-7';
const pages = [
  '/',
  '/clusters/bench',
  '/clusters/bench?range=24h',
  '/clusters/bench/topics',
  '/clusters/bench/topics?sort=name&page=40',
  '/clusters/bench/topics?q=499',
  `/clusters/bench/topics/${benchTopic(7)}`,
  '/clusters/bench/groups',
  '/clusters/bench/groups?sort=name',
  `/clusters/bench/groups/${group}`,
  '/clusters/bench/brokers/1',
  '/clusters/bench/clients',
  '/clusters/bench/producers',
  '/clusters/bench/settings',
  `/clusters/bench/topics/${benchTopic(7)}/messages`,
  '/clusters/bench/load-test',
  '/search?q=bench-4',
  '/event',
  '/what-if?cluster=bench',
  '/gc?cluster=bench',
  '/ledger?cluster=bench',
];

export const manyTopics = {
  name: 'many-topics',
  summary: `scrapes, memory and pages of the service over one real Kafka broker with ${topics} topics of one partition`,
  options: {},
  evidence: 'docs/evidence/service-speed.md',

  async run(io) {
    await using kafka = await startKafka();
    // Create one group first: the coordinator must be ready before the broker is busy.
    await fillCluster(kafka.bootstrap, { partitions: 1, groups: 1, partitionsPerGroup: 1, partitionsPerTopic: 1 }, io);
    const created = await createTopics(kafka.bootstrap, io);
    const size = { partitions: topics, groups, partitionsPerGroup: topicsPerGroup, partitionsPerTopic: 1 };
    await fillCluster(kafka.bootstrap, size, { ...io, before: topics });
    await using _load = await startLoad(kafka.bootstrap);
    await using service = await startService({
      clusters: { bench: { broker: 'kafka', bootstrap: kafka.bootstrap } },
    });
    await untilRead(service.url);
    const cpuBefore = cpuSecondsOf(service.pid);
    const scrapes = await scrapeUntil(
      service.url,
      scrapeEveryMs,
      AbortSignal.any([io.signal, AbortSignal.timeout(measuredMs)]),
    );
    const cores = (cpuSecondsOf(service.pid) - cpuBefore) / (measuredMs / 1000);
    const slowest = Math.max(...scrapes.map(({ seconds }) => seconds));
    const failed = scrapes.filter(({ isOk }) => !isOk).length;
    const what = `one real broker with ${topics} topics, ${groups} groups of ${topicsPerGroup}`;
    return [
      { metric: `topics created in batches of ${perBatch}`, unit: 's', ours: created, goal: 'none' },
      ...scrapeResults({ slowest, failed, what, scrapes }),
      { metric: 'CPU of the service meanwhile', unit: 'cores', ours: cores, goal: 'none' },
      ...(await timesOfPages(
        {
          url: service.url,
          pages: pages.map((path) => [path, path] as const),
          what,
          headers: await service.operator(),
        },
        io,
      )),
      { metric: 'most resident', unit: 'MB', ours: peakResidentBytesOf(service.pid) / 1e6, goal: 'none' },
    ];
  },
} satisfies Bench;

function scrapeResults({
  slowest,
  failed,
  what,
  scrapes,
}: {
  slowest: number;
  failed: number;
  what: string;
  scrapes: Awaited<ReturnType<typeof scrapeUntil>>;
}): BenchResult[] {
  const megabytes = Math.round((scrapes.at(-1)?.bytes ?? 0) / 1e5) / 10;
  return [
    {
      metric: `median of ${scrapes.length} scrapes of ${megabytes} MB, ${what}`,
      unit: 's',
      ours: median(scrapes.map(({ seconds }) => seconds)),
      goal: 'none',
    },
    atMost('slowest of them', 's', slowest, mostScrapeSeconds),
    atMost('failed of them', '', failed, 0),
  ];
}

/** Creates all topics except the first. @returns seconds until every topic has a leader */
async function createTopics(
  brokers: string[],
  { stderr, signal }: Pick<BenchIo, 'stderr' | 'signal'>,
): Promise<number> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING, requestTimeout: 60_000 }).admin();
  await admin.connect();
  const began = performance.now();
  try {
    for (let from = 1; from < topics; from += perBatch) {
      signal.throwIfAborted();
      const batch = Array.from({ length: Math.min(perBatch, topics - from) }, (_, index) => ({
        topic: benchTopic(from + index),
        numPartitions: 1,
        replicationFactor: 1,
      }));
      await admin.createTopics({ topics: batch, waitForLeaders: false, timeout: 60_000 });
      stderr.write(`${from + batch.length} topics\n`);
    }
    for (;;) {
      signal.throwIfAborted();
      const { topics: listed } = await admin.fetchTopicMetadata();
      const led = listed.filter(
        ({ name, partitions }) => name.startsWith('bench-') && partitions.every(({ leader }) => leader >= 0),
      );
      if (led.length >= topics) return (performance.now() - began) / 1000;
      await setTimeout(500);
    }
  } finally {
    await admin.disconnect();
  }
}

async function startLoad(brokers: string[]): Promise<AsyncDisposable> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const over = new AbortController();
  const messages = Array.from({ length: 10 }, () => ({ value: 'x'.repeat(500) }));
  const topicMessages = Array.from({ length: busyTopics }, (_, index) => ({ topic: benchTopic(index), messages }));
  const sent = (async () => {
    while (!over.signal.aborted) {
      await producer.sendBatch({ topicMessages, acks: 1 });
      await setTimeout(1000, undefined, { signal: over.signal }).catch(ignoreFault('the load is over'));
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      await sent;
      await producer.disconnect();
    },
  };
}

/** Scrapes until the topics are read, because each scrape triggers a reading. */
async function untilRead(url: string): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await setTimeout(1000)) {
    await scrape(url);
    const page = await (await fetch(new URL('/clusters/bench/topics', url))).text();
    if (page.includes(`of ${topics.toLocaleString('en')}`) && page.includes(benchTopic(7))) return;
  }
  throw new Error('the topics were not read within two minutes');
}
