// Checks the exporter's canary latency and group members on real brokers.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import type { TrafficDriver } from '../../brokers/driver.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { rocketmqDriver } from '../../brokers/rocketmq/driver.ts';
import { parseExposition } from '../support/exposition.ts';
import { startKafka } from '../support/kafka.ts';
import { spawnPlimsoll } from '../support/plimsoll.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq } from '../support/rocketmq.ts';

const topic = 'canary';
const io = () => ({ signal: AbortSignal.timeout(60_000) });

if (fullMatrix) {
  requires('java', 'maven').test(
    'a hanging Kafka broker shows its delay, without a gap in measurements of the other broker',
    async () => {
      await using kafka = await startKafka({ brokers: 3 });
      const cluster = { broker: 'kafka', bootstrap: kafka.bootstrap };
      {
        await using admin = await kafkaDriver.administer('lab', KafkaClusterConfig.parse(cluster), io());
        await admin.createTopic({ name: topic, partitions: 3, replicationFactor: 1 }, io());
      }
      await using exporter = await startExporter(cluster);
      await exporter.until((of) => of('1').read >= 2 && of('2').read >= 2 && of('3').read >= 2);
      const before = exporter.last();

      const hung = kafka.brokers.find(({ id }) => id === '2');
      if (hung === undefined) throw new Error('no broker 2');
      process.kill(hung.pid, 'SIGSTOP');
      try {
        await exporter.until((of) => of('2').inFlight >= 2 && of('1').read >= before('1').read + 2);
      } finally {
        process.kill(hung.pid, 'SIGCONT');
      }
      await exporter.until((of) => of('2').inFlight <= 1 && of('2').read >= before('2').read + 2);
      expect(exporter.last()('2').late).toBeGreaterThanOrEqual(before('2').late + 1);
      expect(exporter.last()('2').lost).toBe(0);

      expect(exporter.samples().get('plimsoll_canary_up{cluster="lab"}')).toBe('1');
      const topics = [...exporter.samples().keys()].filter((key) => key.startsWith('kafka_topic_partitions{'));
      expect(topics).toEqual([`kafka_topic_partitions{cluster="lab",topic="${topic}"}`]);
      expect(await exporter.get('')).toContain('canary of lab');

      await using traffic = await kafkaDriver.traffic('lab', KafkaClusterConfig.parse(cluster), io());
      expect(await membersOf(traffic, exporter)).toMatchObject({
        members: [{ clientId: 'plimsoll', assigned: [0, 1, 2].map((partition) => ({ topic, partition })) }],
      });
    },
    180_000,
  );
}

requires('java', 'maven').test(
  'the Kafka canary reads back from every partition and creates no consumer group',
  async () => {
    await using kafka = await startKafka();
    const cluster = { broker: 'kafka', bootstrap: kafka.bootstrap };
    const config = KafkaClusterConfig.parse(cluster);
    {
      await using admin = await kafkaDriver.administer('lab', config, io());
      await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io());
    }
    await using inspector = await kafkaDriver.inspect('lab', config, io());
    const groups = async () => (await inspector.snapshot(io())).groups.map(({ name }) => name).toSorted();
    const before = await groups();
    await using exporter = await startExporter(cluster);
    await exporter.until((of) => of('1').read >= 4);
    expect(exporter.last()('1')).toMatchObject({ lost: 0 });
    expect(await groups()).toEqual(before);
    const { offsets } = await inspector.snapshot(io());
    const ends = offsets.filter((partition) => partition.topic === topic).map(({ end }) => Number(end));
    expect(ends.filter((end) => end >= 2)).toHaveLength(2);

    await using traffic = await kafkaDriver.traffic('lab', config, io());
    expect(await membersOf(traffic, exporter)).toMatchObject({ members: [{ clientId: 'plimsoll' }] });
  },
  180_000,
);

if (fullMatrix) {
  requires('java', 'maven').test(
    'the RocketMQ canary reads back from every queue and creates no consumer group',
    async () => {
      await using rocketmq = await startRocketmq();
      {
        await using admin = await rocketmqDriver.administer('lab', rocketmq.config, io());
        await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io());
      }
      await using inspector = await rocketmqDriver.inspect('lab', rocketmq.config, io());
      const groups = async () => {
        const { groups, rocketmq: details } = await inspector.snapshot(io());
        return [...groups, ...(details?.groups ?? [])].map(({ name }) => name).sort();
      };
      const before = await groups();
      const { namesrv, broker } = rocketmq.config;
      await using exporter = await startExporter({ broker, namesrv });
      await exporter.until((of) => of('broker-a').read >= 4);
      expect(exporter.last()('broker-a')).toMatchObject({ lost: 0 });
      expect(await groups()).toEqual(before);
      const { offsets } = await inspector.snapshot(io());
      const ends = offsets.filter((queue) => queue.topic === topic).map(({ end }) => Number(end));
      expect(ends.filter((end) => end >= 2)).toHaveLength(2);

      await using traffic = await rocketmqDriver.traffic('lab', rocketmq.config, io());
      expect(await membersOf(traffic, exporter)).toMatchObject({
        members: [{ clientId: expect.stringContaining('plimsoll'), version: expect.stringMatching(/^V\d/) }],
      });
    },
    180_000,
  );
}

/** Returns series of a group with one member. */
async function membersOf(traffic: TrafficDriver, exporter: { get(path: string): Promise<string> }): Promise<unknown> {
  const stop = new AbortController();
  await using consumer = await traffic.consumer({ group: 'billing', topic });
  const { promise: assigned, resolve: onAssigned } = Promise.withResolvers<void>();
  const running = consumer.run(() => {}, { signal: stop.signal, onAssigned });
  await Promise.race([assigned, running]);
  try {
    return JSON.parse(await exporter.get('api/groups?cluster=lab&group=billing'));
  } finally {
    stop.abort();
    await running;
  }
}

interface AtBroker {
  /** Messages read back, and how many of them took more than a second until acknowledged. */
  read: number;
  late: number;
  inFlight: number;
  lost: number;
}
type Seen = (broker: string) => AtBroker;

/** Starts the command itself, with a canary in cluster `lab`. */
async function startExporter(cluster: object) {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-canary-'));
  const config = join(folder, 'plimsoll.yaml');
  const exporter = { listen: '127.0.0.1:0', clusters: { lab: { canary: { topic } } } };
  await writeFile(config, stringify({ clusters: { lab: cluster }, exporter }));
  const { child, finished } = spawnPlimsoll(['exporter', '--config', config, '--state-dir', folder]);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const url = line.replace('listening on ', '');
  let samples = new Map<string, string>();

  function last(): Seen {
    const page = samples;
    return (broker) => {
      const sample = (family: string, labels = '') => {
        const key = `plimsoll_canary_${family}{broker="${broker}",cluster="lab"${labels}}`;
        return Number(page.get(key) ?? 0);
      };
      const bucket = (le: string) =>
        Number(
          page.get(
            `plimsoll_canary_duration_seconds_bucket{broker="${broker}",cluster="lab",le="${le}",step="produce"}`,
          ) ?? 0,
        );
      return {
        read: sample('duration_seconds_count', ',step="round_trip"'),
        late: bucket('+Inf') - bucket('1'),
        inFlight: sample('in_flight'),
        lost: sample('lost_total', ',step="produce"') + sample('lost_total', ',step="consume"'),
      };
    };
  }

  return {
    last,
    samples: () => samples,
    get: async (path: string) => (await fetch(`${url}${path}`)).text(),
    /** Scrapes until the condition holds. @throws Error after a minute */
    async until(isSo: (of: Seen) => boolean): Promise<void> {
      const { signal } = io();
      for (;;) {
        const headers = { 'X-Prometheus-Scrape-Timeout-Seconds': '3' };
        samples = parseExposition(await (await fetch(`${url}metrics`, { headers })).text()).samples;
        if (isSo(last())) return;
        const canary = [...samples].filter(([key]) => /canary_(in_flight|messages|errors|lost)/.test(key));
        if (signal.aborted) throw new Error(`not so: ${JSON.stringify(canary)}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await finished;
      await rm(folder, { recursive: true });
    },
  };
}
