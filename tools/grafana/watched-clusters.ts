// Runs a Kafka and a RocketMQ under load, with `plimsoll serve` and a Prometheus that scrapes them.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { parse, stringify } from 'yaml';
import { ignoreFault } from '../../core/ignore-fault.ts';
import { startKafka } from '../../test/support/kafka.ts';
import { makeTopics } from '../../test/support/kafka-topics.ts';
import { fillLedger } from '../../test/support/known-clusters.ts';
import { startLoad, type LoadInProgress } from '../../test/support/load-in-progress.ts';
import { startPrometheus } from '../../test/support/prometheus.ts';
import { startRocketmq } from '../../test/support/rocketmq.ts';
import { startService } from '../../test/support/running-service.ts';
import { publicUrl, type Scene } from './scene.ts';

/** A page has until the next scrape, which is short on a busy machine. */
const scrapeSeconds = 10;
/** Three steps of load. */
const calmSeconds = 200;
/** The controllers fence a silent broker after 9 s, and the service reports it within two readings. */
const troubleSeconds = 90;
const card = Object.keys(networkInterfaces()).find((name) => name !== 'lo') ?? 'lo';

/** Three minutes at rising rates for Kafka, and a constant rate that outlasts the loss of a broker for RocketMQ. */
const loads = {
  orders: ['--rate-steps', '200,400,600', '--step-duration', '60s'],
  trade: ['--rate-steps', '150,300', '--step-duration', '240s'],
} as const;

/** Takes about a minute, and downloads the brokers the first time. */
export async function startWatchedClusters(): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const scratch = await mkdtemp(join(tmpdir(), 'plimsoll-watched-'));
  opened.defer(() => rm(scratch, { recursive: true, force: true }));
  const gcLogs = (name: string) => join(scratch, `${name}-gc-*.log`);
  const kafka = opened.use(await withGcLog(gcLogs('orders'), () => startKafka({ brokers: 3, jmx: 'prometheus' })));
  const rocketmq = opened.use(await withGcLog(gcLogs('trade'), () => startRocketmq({ mode: 'master-slave' })));
  opened.use(await produceAndConsume(kafka.bootstrap));
  const config = await mergedConfig({ orders: kafka.configPath, trade: rocketmq.configPath }, gcLogs);
  const configPath = join(scratch, 'plimsoll.yaml');
  await writeFile(configPath, stringify(config));
  const now = Date.now();
  const day = (days: number) => new Date(now + days * 86_400_000).toISOString().slice(0, 16);
  const service = opened.use(
    await startService(
      {
        ...config,
        service: {
          publicUrl,
          domains: { shop: { cluster: 'orders' }, payments: { cluster: 'trade' } },
          promotions: [{ name: 'sale', from: day(-1), to: day(1) }],
          schedule: { readings: `${scrapeSeconds}s` },
        },
      },
      (history) => {
        for (const cluster of ['orders', 'trade']) fillLedger(history, cluster);
      },
    ),
  );
  // A load test refuses a cluster whose offsets could not be read yet.
  await untilShown(`${service.url}metrics`, ['kafka_topic_partition_current_offset{', 'rocketmq_topic_put_messages']);
  const running: LoadInProgress[] = [];
  opened.defer(async () => {
    for (const { child } of running) child.kill('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
  });
  const pages: string[] = [];
  // One after the other: each has a minute to connect, which is short for two on a busy machine.
  for (const [cluster, shape] of Object.entries(loads)) {
    const out = join(scratch, `run-${cluster}`);
    const load = startLoad(out, [
      ...`--config ${configPath} --cluster ${cluster} --out ${out}`.split(' '),
      ...'--accept-blind --no-calibration --keep-topic --warm-up 2s --message-size 500 --partitions 6'.split(' '),
      ...shape,
    ]);
    running.push(load);
    pages.push(await pageOf(load));
  }
  const prometheus = opened.use(
    await startPrometheus({
      job: 'plimsoll',
      scrapes: [new URL(service.url).host, ...pages],
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
          await setTimeout(troubleSeconds * 1000);
        },
      },
    ],
    span: () => ({ fromMs, toMs: Date.now() }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Every JVM that is started meanwhile writes a log, brokers among them. */
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

/** The configs of the labs as one, with their clusters renamed and the card of this machine. */
async function mergedConfig(paths: Readonly<Record<string, string>>, gcLogs: (cluster: string) => string) {
  const clusters: Record<string, unknown> = {};
  let rest: Record<string, unknown> = {};
  let local: object = {};
  for (const [cluster, path] of Object.entries(paths)) {
    const written = parse(await readFile(path, 'utf8')) as {
      clusters: { lab: unknown };
      hosts: { local: object };
    } & Record<string, unknown>;
    clusters[cluster] = written.clusters.lab;
    rest = written;
    local = written.hosts.local;
  }
  const logs = Object.fromEntries(Object.keys(paths).map((cluster) => [cluster, { files: gcLogs(cluster) }]));
  const network = { devices: [card], speed: '10gbit' };
  return { ...rest, clusters, hosts: { local: { ...local, network, gcLogs: logs } } };
}

/** For three minutes: on a busy machine the first readings take their time. */
async function untilShown(url: string, parts: readonly string[]): Promise<void> {
  for (const end = Date.now() + 180_000; Date.now() < end; await setTimeout(1000)) {
    const page = await (await fetch(url)).text();
    if (parts.every((part) => page.includes(part))) return;
  }
  throw new Error(`${url} did not show ${parts.join(' and ')} within 3 minutes`);
}

/** `host:port` of the page of a load test. */
async function pageOf(load: LoadInProgress): Promise<string> {
  await load.untilSecond(1);
  const { url } = JSON.parse(await readFile(join(load.directory, 'control.json'), 'utf8')) as { url: string };
  return new URL(url).host;
}

/** A topic that one group reads as it is written, and that another group without members has read the beginning of. */
async function produceAndConsume(brokers: string[]): Promise<AsyncDisposable> {
  const client = new Kafka({ clientId: 'shop', brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const [admin, producer, consumer] = [client.admin(), client.producer(), client.consumer({ groupId: 'billing' })];
  await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
  const topic = 'order-created';
  await makeTopics(admin, [{ topic, numPartitions: 6, replicationFactor: 3 }]);
  await producer.send({ topic, messages: Array.from({ length: 600 }, () => ({ value: 'x'.repeat(400) })) });
  const partitions = Array.from({ length: 6 }, (_, partition) => ({ partition, offset: '10' }));
  await admin.setOffsets({ groupId: 'reports', topic, partitions });
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async () => {} });
  let isOver = false;
  const produced = (async () => {
    while (!isOver) {
      const messages = Array.from({ length: 20 }, () => ({ value: 'x'.repeat(400) }));
      await producer.send({ topic, messages }).catch(ignoreFault('leaders of a killed broker move meanwhile'));
      await setTimeout(200);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await produced;
      await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
    },
  };
}
