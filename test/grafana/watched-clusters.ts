// Runs a Kafka and a RocketMQ cluster under load, with `plimsoll serve` and a Prometheus that scrapes them.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { Kafka, logLevel } from 'kafkajs';
import { startKafka } from '../support/kafka.ts';
import { fillLedger } from '../support/known-clusters.ts';
import { startLoad, type LoadInProgress } from '../support/load-in-progress.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { startRocketmq } from '../support/rocketmq.ts';
import { startService } from '../support/running-service.ts';
import { publicUrl, type Scene } from './scene.ts';
import { ignoreFault } from '../../core/errors.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { openRocketmq } from '../../lab/seed/rocketmq-cluster.ts';
import { makeTopics } from '../support/kafka-topics.ts';

/** A page must be complete before the next scrape, which is a short time on a busy machine. */
const scrapeSeconds = 15;
/** Duration of three load steps. */
const calmSeconds = 160;
/** The controllers fence a silent broker after 9 s. A stopped group must be minutes behind to be visible. */
const troubleSeconds = 180;
const mostAttempts = 4;
const card = Object.keys(networkInterfaces()).find((name) => name !== 'lo') ?? 'lo';

/**
 * Kafka handles 100 msg/s of its shop and the increasing rates of a load test, RocketMQ 40 msg/s and a constant rate.
 * Their verdicts are synthetic, with rates close to these loads.
 */
const loads = {
  orders: { safeMaxTps: 800, shape: ['--rate-steps', '200,400,600', '--step-duration', '100s'] },
  trade: { safeMaxTps: 400, shape: ['--rate-steps', '150,300', '--step-duration', '300s'] },
} as const;

/** Takes about a minute, and downloads the brokers the first time. */
export async function startWatchedClusters(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'plimsoll-watched-'));
  opened.defer(() => rm(scratch, { recursive: true, force: true }));
  const kafka = opened.use(
    await withGcLog(join(scratch, 'gc-*.log'), () => startKafka({ brokers: 3, jmx: 'prometheus' })),
  );
  const rocketmq = opened.use(
    await withGcLog(join(scratch, 'gc-*.log'), () => startRocketmq({ mode: 'master-slave' })),
  );
  const shops = [
    opened.use(await startKafkaShop(kafka.bootstrap)),
    opened.use(await startRocketmqShop('trade', rocketmq.config)),
  ];
  const config = await mergedConfig({ orders: kafka, trade: rocketmq }, scratch);
  const configPath = join(scratch, 'plimsoll.yaml');
  await writeFile(configPath, stringify(config));
  const now = Date.now();
  const hour = (hours: number) => new Date(now + hours * 3_600_000).toISOString().slice(0, 16);
  const service = opened.use(
    await startService(
      {
        ...config,
        service: {
          publicUrl,
          domains: { shop: { cluster: 'orders' }, payments: { cluster: 'trade' } },
          promotions: [{ name: 'sale', from: hour(-1), to: hour(2) }],
          schedule: { readings: `${scrapeSeconds}s` },
        },
      },
      (history) => {
        for (const [cluster, { safeMaxTps }] of Object.entries(loads)) fillLedger(history, cluster, { safeMaxTps });
      },
    ),
  );
  // A load test refuses a cluster without readable offsets.
  await untilShown(`${service.url}metrics`, ['kafka_topic_partition_current_offset{', 'rocketmq_topic_put_messages']);
  const pages: string[] = [];
  // One after the other: each has a minute to connect, which is short for two at once on a busy machine.
  for (const [cluster, { shape }] of Object.entries(loads)) {
    const before = pages.length;
    for (let attempt = 1; pages.length === before; attempt++) {
      const out = join(scratch, `run-${cluster}-${attempt}`);
      const load = startLoad(out, [
        ...`--config ${configPath} --cluster ${cluster} --out ${out}`.split(' '),
        ...'--accept-blind --no-calibration --keep-topic --warm-up 2s --message-size 500 --partitions 6'.split(' '),
        ...shape,
      ]);
      opened.defer(async () => {
        load.child.kill('SIGKILL');
        await load.ended;
      });
      try {
        pages.push(await pageOf(load));
      } catch (error) {
        // On a busy machine name servers and brokers may be late.
        if (attempt === mostAttempts) throw error;
      }
    }
  }
  const prometheus = opened.use(
    await startPrometheus({
      job: 'plimsoll',
      scrapes: [new URL(service.url).host],
      // Declared separately: a page that ends with its load test must not count as a failed exporter.
      otherJobs: { 'plimsoll-run': pages },
      everySeconds: scrapeSeconds,
    }),
  );
  for (const metric of ['plimsoll_cluster_state', 'plimsoll_run_info']) await prometheus.untilAnswered(metric);
  const victims = [kafka.brokers[2], rocketmq.brokers.find(({ id }) => id.endsWith(':1'))];
  const fromMs = Date.now();
  const resources = opened.move();
  return {
    prometheus,
    scrapeSeconds,
    states: [
      { name: 'calm', begin: () => setTimeout(calmSeconds * 1000) },
      {
        name: 'trouble',
        async begin() {
          for (const victim of victims) if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
          for (const shop of shops) shop.stopConsumer();
          await setTimeout(troubleSeconds * 1000);
        },
      },
    ],
    span: () => ({ fromMs, toMs: Date.now() }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Makes every JVM started meanwhile write a log, including brokers. */
async function withGcLog<Result>(pattern: string, start: () => Promise<Result>): Promise<Result> {
  const before = process.env['JAVA_TOOL_OPTIONS'];
  process.env['JAVA_TOOL_OPTIONS'] = `-Xlog:gc*,safepoint:file=${pattern.replace('*', '%p')}:time,uptime,tags`;
  try {
    return await start();
  } finally {
    if (before === undefined) delete process.env['JAVA_TOOL_OPTIONS'];
    else process.env['JAVA_TOOL_OPTIONS'] = before;
  }
}

/**
 * Merges the configs of the labs, with renamed clusters and the network interface of this machine. Each broker is a
 * named process, and its GC log has the name of the process.
 */
async function mergedConfig(labs: Readonly<Record<string, WatchedLab>>, scratch: string) {
  const clusters: Record<string, unknown> = {};
  const processes: Record<string, { pidFile: string }> = {};
  const gcLogs: Record<string, { files: string }> = {};
  let rest: Record<string, unknown> = {};
  let local: object = {};
  for (const [cluster, { configPath, brokers }] of Object.entries(labs)) {
    const written = parse(await readFile(configPath, 'utf8')) as {
      clusters: { lab: unknown };
      hosts: { local: object };
    } & Record<string, unknown>;
    clusters[cluster] = written.clusters.lab;
    rest = written;
    local = written.hosts.local;
    for (const { id, pid } of brokers) {
      const name = `${cluster}-${id.replace(':', '-')}`;
      const pidFile = join(scratch, `${name}.pid`);
      await writeFile(pidFile, String(pid));
      processes[name] = { pidFile };
      gcLogs[name] = { files: join(scratch, `gc-${pid}.log`) };
    }
  }
  const network = { devices: [card], speed: '10gbit' };
  return { ...rest, clusters, hosts: { local: { ...local, network, processes, gcLogs } } };
}

interface WatchedLab {
  configPath: string;
  brokers: readonly { id: string; pid: number }[];
}

/** Waits up to three minutes, because on a busy machine the first readings take long. */
async function untilShown(url: string, parts: readonly string[]): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; await setTimeout(1000)) {
    const page = await (await fetch(url)).text();
    if (parts.every((part) => page.includes(part))) return;
  }
  throw new Error(`${url} did not show ${parts.join(' and ')} within 3 minutes`);
}

/** Returns `host:port` of the page of a load test. */
async function pageOf(load: LoadInProgress): Promise<string> {
  await load.untilSecond(1);
  const { url } = JSON.parse(await readFile(join(load.directory, 'control.json'), 'utf8')) as { url: string };
  return new URL(url).host;
}

interface ShopTraffic extends AsyncDisposable {
  /** Stops reads of the topic's group; its members stay. */
  stopConsumer(): void;
}

const messageBytes = 400;
const pauseMs = 200;
const partitions = 6;
const io = { signal: new AbortController().signal };

/**
 * Produces 100 messages per second, which group `billing` reads as they are written; group `reports` has only read the
 * beginning.
 */
async function startKafkaShop(brokers: string[]): Promise<ShopTraffic> {
  const client = new Kafka({ clientId: 'shop', brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const [admin, producer, consumer] = [client.admin(), client.producer(), client.consumer({ groupId: 'billing' })];
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  const topic = 'order-created';
  await makeTopics(admin, [{ topic, numPartitions: partitions, replicationFactor: 3 }]);
  const values = (count: number) => Array.from({ length: count }, () => ({ value: 'x'.repeat(messageBytes) }));
  await producer.send({ topic, messages: values(600) });
  const read = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: '10' }));
  await admin.setOffsets({ groupId: 'reports', topic, partitions: read });
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ autoCommitInterval: 1000, eachMessage: async () => {} });
  const produced = repeat(() => producer.send({ topic, messages: values(20) }));
  return {
    stopConsumer: () => consumer.pause([{ topic }]),
    async [Symbol.asyncDispose]() {
      await produced.end();
      await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
    },
  };
}

/** Produces 40 messages per second to a master; group `settlement` commits them like a member. */
async function startRocketmqShop(cluster: string, config: RocketmqClusterConfig): Promise<ShopTraffic> {
  const [topic, group] = ['payment-accepted', 'settlement'];
  const shop = await openRocketmq(cluster, config, io);
  await shop.ensureTopic(topic, partitions, io);
  let isStopped = false;
  let turn = 0;
  const produced = repeat(async () => {
    const values = Array.from({ length: 8 }, () => Buffer.alloc(messageBytes, 'x'));
    await shop.send(topic, turn++ % partitions, values, io);
    if (isStopped) return;
    const ends = await shop.ends(topic, partitions, io);
    await shop.commit(group, topic, new Map(ends.map((end, partition) => [partition, end])), io);
  });
  return {
    stopConsumer: () => (isStopped = true),
    async [Symbol.asyncDispose]() {
      await produced.end();
      await shop[Symbol.asyncDispose]();
    },
  };
}

function repeat(act: () => Promise<unknown>): { end(): Promise<void> } {
  let isOver = false;
  const done = (async () => {
    for (; !isOver; await setTimeout(pauseMs))
      await act().catch(ignoreFault('leaders of a killed broker move meanwhile'));
  })();
  return {
    end() {
      isOver = true;
      return done;
    },
  };
}
