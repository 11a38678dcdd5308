// Compares the page of the exporter with facts of Apache's AdminClient, in various states of a real Kafka cluster.

import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { compatibilities } from '../../exporter/compatibility/registry.ts';
import { collectors } from '../../exporter/registry.ts';
import { defaultKafkaVersion, kafkaRelease } from '../../lab/kafka/release.ts';
import { seriesKey } from '../support/exposition.ts';
import { startJavaPeer, type Fact, type JavaPeer } from '../support/java-peer.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { watchPage, type ScrapedPage, type WatchedPage } from '../support/watched-page.ts';

const timeout = 240_000;

/** In each of these families, the page must have exactly the series that AdminClient's facts name, except for internal topics. */
const families = {
  leader: ['kafka_topic_partition_leader', 'topic', 'partition'],
  replicas: ['kafka_topic_partition_replicas', 'topic', 'partition'],
  isr: ['kafka_topic_partition_in_sync_replica', 'topic', 'partition'],
  start: ['kafka_topic_partition_oldest_offset', 'topic', 'partition'],
  end: ['kafka_topic_partition_current_offset', 'topic', 'partition'],
  committed: ['kafka_consumergroup_current_offset', 'consumergroup', 'topic', 'partition'],
  lag: ['kafka_consumergroup_lag', 'consumergroup', 'topic', 'partition'],
  members: ['kafka_consumergroup_members', 'consumergroup'],
} as const satisfies Record<string, readonly [metric: string, ...labels: string[]]>;

if (fullMatrix) {
  requires('java', 'maven').describe('three brokers of Kafka 4.3.1', () => {
    let kafka: RunningKafka;
    let peer: JavaPeer;
    let page: WatchedPage;

    beforeAll(async () => {
      kafka = await startKafka({ brokers: 3 });
      peer = await startJavaPeer('KafkaPeer', kafkaRelease(defaultKafkaVersion), kafka.bootstrap.join(','));
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      const inspector = await kafkaDriver.inspect('lab', config, { signal: AbortSignal.timeout(60_000) });
      const registry = { ...collectors, kminion: compatibilities.kminion };
      page = await watchPage([{ name: 'lab', kind: 'kafka', inspector }], { registry });
    }, timeout);
    afterAll(async () => {
      await page?.[Symbol.asyncDispose]();
      await peer?.[Symbol.asyncDispose]();
      await kafka?.[Symbol.asyncDispose]();
    });

    /** Waits until the facts satisfy the condition and the page shows them; both change until a state is stable. */
    async function agree(isThere: (facts: readonly Fact[]) => boolean) {
      return vi.waitFor(
        async () => {
          const facts = await peer.ask('report');
          expect(facts.filter(([, of]) => of?.startsWith('__') !== true).map(String)).toSatisfy(() => isThere(facts));
          const scraped = await page.scrape();
          expect(seriesOf(scraped)).toEqual(expectedOf(facts));
          expectController(scraped, facts);
          expectGroups(scraped, facts);
          return { facts, scraped };
        },
        { timeout: 90_000, interval: 500 },
      );
    }

    test(
      'groups with and without lag, a group without commits, and one group with a member per protocol',
      async () => {
        await peer.ask('create', 'orders', '1,2', '2,3', '3,1');
        for (const partition of [0, 1]) await peer.ask('send', 'orders', partition, 50);
        await peer.ask('create', 'quiet', '1');
        await peer.ask('commit', 'billing', 'orders', 0, 20);
        await peer.ask('commit', 'idle', 'orders', 1, 50);
        await peer.ask('commit', 'idle', 'quiet', 0, 0);
        await peer.ask('join', 'classic', 'shipping', 'orders');
        await peer.ask('join', 'consumer', 'audit', 'orders');
        const { facts } = await agree(
          (each) =>
            has(each, 'committed', 'shipping', 'orders', '1', '50') &&
            has(each, 'committed', 'audit', 'orders', '1', '50'),
        );
        expect(facts).toContainEqual(['kind', 'audit', 'consumer']);
        expect(facts).toContainEqual(['members', 'audit', '1']);
      },
      timeout,
    );

    test(
      'share groups that acknowledged ten messages in order, and five more behind a released one',
      async () => {
        await peer.ask('create', 'tasks', '2,3');
        await peer.ask('send', 'tasks', 0, 30);
        await peer.ask('share', 'workers', 'tasks', 10, 0);
        await peer.ask('share', 'scattered', 'tasks', 10, 5);
        await agree(
          (facts) =>
            has(facts, 'lag', 'workers', 'tasks', '0', '20') && has(facts, 'lag', 'scattered', 'tasks', '0', '15'),
        );
      },
      timeout,
    );

    test(
      'after a kill of the quorum leader: a new controller, and a leaderless partition with commits',
      async () => {
        const controller = (await peer.ask('report')).find(([name]) => name === 'controller')?.[1] ?? '';
        await peer.ask('create', 'fragile', controller);
        await peer.ask('send', 'fragile', 0, 10);
        await peer.ask('commit', 'billing', 'fragile', 0, 4);
        await agree((facts) => has(facts, 'end', 'fragile', '0', '10'));
        const broker = kafka.brokers.find(({ id }) => id === controller);
        process.kill(broker?.pid ?? NaN, 'SIGKILL');
        const { facts, scraped } = await agree((each) => has(each, 'leader', 'fragile', '0', 'none'));
        expect(facts).not.toContainEqual(['controller', controller]);
        const of = (metric: string, labels: Record<string, string>) =>
          scraped.samples.get(seriesKey(metric, { cluster: 'lab', ...labels }));
        expect(of('kafka_topic_leaderless_partitions', { topic: 'fragile' })).toBe('1');
        const fragile = { consumergroup: 'billing', topic: 'fragile' };
        expect(of('plimsoll_consumergroup_partitions', { ...fragile, state: 'unread' })).toBe('1');
        expect(of('plimsoll_consumergroup_lag_method_partitions', { ...fragile, method: 'unknown' })).toBe('1');
        expect(of('kafka_consumergroup_lag_sum', fragile)).toBeUndefined();
      },
      timeout,
    );
  });
}

const has = (facts: readonly Fact[], ...words: readonly string[]) =>
  facts.some((fact) => fact.join(' ') === words.join(' '));

/**
 * Adds lags computed like Kafka's own tools if the broker reports none. A share group's start offset is lower than the offset that it has
 * finished, so its position is the end less its lag.
 */
function withLags(facts: readonly Fact[]): Fact[] {
  const valuesOf = (wanted: string) =>
    new Map(
      facts.flatMap(([name, ...of]) => (name === wanted ? [[of.slice(0, -1).join(' '), BigInt(of.at(-1) ?? 0)]] : [])),
    );
  const [ends, lags] = [valuesOf('end'), valuesOf('lag')];
  return facts.flatMap((fact) => {
    const [name, group = '', topic = '', partition = '', offset = ''] = fact;
    const end = ends.get(`${topic} ${partition}`);
    if (name !== 'committed' || end === undefined) return [fact];
    const lag = lags.get(`${group} ${topic} ${partition}`);
    const place = [group, topic, partition];
    return lag === undefined
      ? [fact, ['lag', ...place, String(end - BigInt(offset))]]
      : [['committed', ...place, String(end - lag)]];
  });
}

function expectedOf(facts: readonly Fact[]): Record<string, string> {
  const rows = withLags(facts).flatMap(([name = '', ...of]) => {
    if (!(name in families) || of.at(-1) === 'none') return [];
    const [metric, ...labels] = families[name as keyof typeof families];
    const named = Object.fromEntries(labels.map((label, index) => [label, of[index] ?? '']));
    return [[seriesKey(metric, { cluster: 'lab', ...named }), of.at(-1) ?? '']];
  });
  return Object.fromEntries(rows) as Record<string, string>;
}

function seriesOf({ samples }: ScrapedPage): Record<string, string> {
  const metrics = new Set<string>(Object.values(families).map(([metric]) => metric));
  return Object.fromEntries(
    [...samples].filter(([key]) => metrics.has(key.replace(/\{.*$/, '')) && !key.includes('topic="__')),
  );
}

/** Keys of a metric whose value is 1. */
const ones = ({ samples }: ScrapedPage, metric: string) =>
  [...samples].filter(([key, value]) => key.startsWith(`${metric}{`) && value === '1').map(([key]) => key);

function expectController(scraped: ScrapedPage, facts: readonly Fact[]): void {
  const controller = facts.find(([name]) => name === 'controller')?.[1] ?? '';
  expect(ones(scraped, 'kafka_quorum_leader')).toEqual([
    seriesKey('kafka_quorum_leader', { cluster: 'lab', node: controller }),
  ]);
  expect(ones(scraped, 'kminion_kafka_cluster_info').join()).toContain(`controller_id="${controller}"`);
  const controllers = ones(scraped, 'kminion_kafka_broker_info').filter((key) => key.includes('is_controller="true"'));
  // A killed controller is not a broker of the cluster until another is elected.
  expect(controllers.map((key) => /broker_id="(\d+)"/.exec(key)?.[1])).toEqual([controller]);
}

function expectGroups(scraped: ScrapedPage, facts: readonly Fact[]): void {
  const valuesOf = (name: string) => facts.filter((fact) => fact[0] === name);
  const label =
    (metric: string, labelName: string) =>
    ([, consumergroup = '', value = '']: Fact) =>
      seriesKey(metric, { cluster: 'lab', consumergroup, [labelName]: value });
  expect(ones(scraped, 'kafka_consumergroup_info').toSorted()).toEqual(
    valuesOf('kind').map(label('kafka_consumergroup_info', 'kind')).toSorted(),
  );
  expect(ones(scraped, 'kafka_consumergroup_state').toSorted()).toEqual(
    valuesOf('state').map(label('kafka_consumergroup_state', 'state')).toSorted(),
  );
}
