// Checks which series stay and which disappear during faults of a real Kafka with three brokers.

import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { inspectLazily } from '../../../exporter/lazy-inspector.ts';
import { listGroupsKey, listOffsetsKey, startAnswerProxy, withErrorCode } from '../../support/answer-proxy.ts';
import { makeTopics } from '../../support/kafka-topics.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { inspectKafka, startProxiedKafka, type ProxiedBroker, type ProxiedKafka } from '../../support/proxied-kafka.ts';
import { undertakerOf, type Undertaker } from '../../support/revive.ts';
import { createShiftingClock } from '../../support/shifting-clock.ts';
import {
  gone,
  isFresh,
  partsThatAre,
  watchPage,
  type ScrapedPage,
  type WatchedPage,
} from '../../support/watched-page.ts';

const group = 'billing';
/** One partition on each broker, without replicas. */
const single = 'orders';
/** One partition led by each broker, with followers on the others. */
const copied = 'copied';

/** On an idle machine the first collection suffices; on a busy one, a broker may miss its deadline of half a second. */
const soon = 20;

const of = (metric: string, labels: Record<string, string | number>) =>
  `${metric}{${Object.entries({ cluster: 'lab', ...labels })
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
const up = of('plimsoll_cluster_up', {});
const end = (topic: string, partition: number) => of('kafka_topic_partition_current_offset', { topic, partition });
const lag = (topic: string, partition: number) =>
  of('kafka_consumergroup_lag', { consumergroup: group, topic, partition });
const leader = (topic: string, partition: number) => of('kafka_topic_partition_leader', { topic, partition });

requires('java', 'maven').describe('the page of a Kafka of three brokers', () => {
  const clock = createShiftingClock();
  let lab: ProxiedKafka;
  let page: WatchedPage;
  let client: { admin: Admin; producer: Producer };
  /** Page of the healthy cluster. */
  let before: ScrapedPage;

  beforeAll(async () => {
    lab = await startProxiedKafka();
    client = await fill(lab.kafka.bootstrap);
    page = await watchPage([{ name: 'lab', kind: 'kafka', inspector: inspectKafka('lab', lab.config, clock) }], {
      clock,
    });
    await page.scrapeUntil('the first page', soon, isFresh);
    // Written between two collections, so its age is known.
    await client.producer.send({ topic: copied, messages: [{ partition: 0, value: 'x' }] });
    before = await well();
  }, 240_000);
  afterEach(async () => {
    for (const { proxy, behind } of lab.brokers) {
      proxy.leadTo(behind);
      proxy.set({ kind: 'reset' });
      proxy.set({ kind: 'none' });
    }
  });
  afterAll(async () => {
    await client?.admin.disconnect();
    await client?.producer.disconnect();
    await page?.[Symbol.asyncDispose]();
    await lab?.[Symbol.asyncDispose]();
  });

  async function well(): Promise<ScrapedPage> {
    const pages = await page.scrapeUntil('all is well', 4 * soon, isFresh);
    const last = pages.at(-1);
    if (last === undefined) throw new Error('no page');
    return last;
  }

  async function wellAgain(): Promise<void> {
    await page.scrapeUntil('everything is back', soon, (each) => isFresh(each) && gone(before, each).length === 0);
  }

  const brokerOf = (id: string): ProxiedBroker => {
    const found = lab.brokers.find((broker) => broker.id === id);
    if (found === undefined) throw new Error(`there is no broker ${id}`);
    return found;
  };
  const coordinator = () => before.samples.get(leader('__consumer_offsets', 0)) ?? '';

  // The test of a broker that hangs also checks the kept series.
  if (fullMatrix) {
    test('a network that stalls for 5 s', async () => {
      for (const { proxy } of lab.brokers) proxy.set({ kind: 'delay', milliseconds: 3_600_000 });
      const stalled = page.scrape();
      await systemClock.sleep(seconds(5));
      for (const { proxy } of lab.brokers) proxy.set({ kind: 'none' });
      expect(partsThatAre(await stalled, 'kept')).toContain('metadata');
      expect(partsThatAre(await stalled, 'missing')).toEqual([]);
      expect(gone(before, await stalled)).toEqual([]);
      await wellAgain();
    });
  }

  test('a broker that hangs: it accepts and never answers', async () => {
    const { id, proxy } = lab.brokers.find((broker) => broker.id !== coordinator()) as ProxiedBroker;
    const own = Number(id) - 1;
    proxy.set({ kind: 'reset' });
    proxy.set({ kind: 'black-hole' });
    const [first] = await page.scrapeUntil('only that broker is old', soon, (each) =>
      partsThatAre(each, 'kept').every((part) => part.endsWith(` ${id}`)),
    );
    expect(proxy.lostBytes).toBeGreaterThan(0);
    for (const part of [`commits ${id}`, `groups ${id}`, `offsets ${id}`]) {
      expect(first?.parts.get(part)).toMatchObject({ kind: 'kept', ageSeconds: expect.toSatisfy((age) => age > 0) });
    }
    expect(partsThatAre(first as ScrapedPage, 'missing')).toEqual([]);
    expect(gone(before, first as ScrapedPage)).toEqual([]);
    expect(first?.samples.get(of('kafka_broker_up', { broker: id }))).toBe('0');
    expect(first?.samples.get(lag(single, own))).toBe(before.samples.get(lag(single, own)));

    clock.advance(301);
    const [late] = await page.scrapeUntil('only that broker is missing', soon, (each) =>
      partsThatAre(each, 'missing').every((part) => part.endsWith(` ${id}`)),
    );
    const lost = gone(before, late as ScrapedPage);
    expect(lost).toEqual(
      expect.arrayContaining([end(single, own), lag(single, own), end(copied, own), lag(copied, own)]),
    );
    // No series of other brokers' partitions or disks.
    const ofOthers = (key: string) =>
      (/partition="/.test(key) && !key.includes(`partition="${own}"`)) ||
      (/broker="/.test(key) && !key.includes(`broker="${id}"`));
    expect(lost.filter(ofOthers)).toEqual([]);
    expect(late?.samples.get(up)).toBe('1');
    proxy.set({ kind: 'reset' });
    proxy.set({ kind: 'none' });
    await wellAgain();
  });

  // The test of a broker that hangs also checks the kept series.
  if (fullMatrix) {
    test('a half-open connection', async () => {
      const { proxy } = brokerOf('1');
      // The previous line closed the connections.
      await well();
      proxy.abandon();
      const pages = await page.scrapeUntil('a new connection', soon, isFresh);
      expect(partsThatAre(pages[0] as ScrapedPage, 'kept')).toContain('offsets 1');
      for (const each of pages) {
        expect(gone(before, each)).toEqual([]);
        expect(partsThatAre(each, 'missing')).toEqual([]);
      }
    });
  }

  test('a group listed twice, by its old and by its new coordinator', async () => {
    const now = brokerOf(coordinator());
    const old = lab.brokers.find(({ id }) => id !== now.id) as ProxiedBroker;
    let listing: Buffer | undefined;
    let replays = 0;
    await using teller = await startAnswerProxy(now.behind, (key, answer) =>
      key === listGroupsKey ? (listing = Buffer.from(answer)) : answer,
    );
    await using echo = await startAnswerProxy(old.behind, (key, answer) => {
      if (key !== listGroupsKey || listing === undefined) return answer;
      replays += 1;
      return listing;
    });
    now.proxy.leadTo(teller.address);
    old.proxy.leadTo(echo.address);
    for (const { proxy } of [now, old]) {
      proxy.set({ kind: 'reset' });
      proxy.set({ kind: 'none' });
    }
    // A page with a duplicate series does not parse.
    for (const each of await page.scrapeUntil('twice in one reading', soon, (each) => replays > 1 && isFresh(each))) {
      expect(gone(before, each)).toEqual([]);
      expect(each.samples.get(lag(single, 0))).toBe(before.samples.get(lag(single, 0)));
      expect(each.samples.get(of('kafka_consumergroup_members', { consumergroup: group }))).toBe('0');
    }
  });

  test('an unknown error code', async () => {
    const { proxy, behind } = brokerOf('1');
    let told = 0;
    await using stranger = await startAnswerProxy(behind, (key, answer) => {
      if (key !== listOffsetsKey) return answer;
      told += 1;
      return withErrorCode(answer, single, 9999);
    });
    proxy.leadTo(stranger.address);
    proxy.set({ kind: 'reset' });
    proxy.set({ kind: 'none' });
    const pages = await page.scrapeUntil('it was told', soon, (each) => told > 0 && isFresh(each));
    const lost = gone(before, pages.at(-1) as ScrapedPage);
    expect(lost).toEqual(expect.arrayContaining([end(single, 0), lag(single, 0)]));
    // Only the one partition, and sums that would be too small without it.
    const sums = /(_sum|_messages|_max_seconds)\{/;
    expect(
      lost.filter((key) => !(key.includes(`topic="${single}"`) && (/partition="0"/.test(key) || sums.test(key)))),
    ).toEqual([]);
  });

  test('a wrong password on one cluster of five', async () => {
    const good = ['a', 'b', 'c', 'd'];
    process.env['PLIMSOLL_TEST_WRONG'] = 'wrong';
    const locked = KafkaClusterConfig.parse({
      broker: 'kafka',
      bootstrap: [lab.saslAddress],
      sasl: { mechanism: 'plain', username: 'plimsoll', password: '${env:PLIMSOLL_TEST_WRONG}' },
    });
    await using five = await watchPage([
      ...good.map((name) => ({ name, kind: 'kafka' as const, inspector: inspectKafka(name, lab.config, clock) })),
      { name: 'locked', kind: 'kafka', inspector: inspectLazily((io) => kafkaDriver.inspect('locked', locked, io)) },
    ]);
    const isUp = ({ samples }: ScrapedPage, cluster: string) =>
      samples.get(of('plimsoll_cluster_up', { cluster })) === '1';
    const pages = await five.scrapeUntil('four of five are up', soon, (each) => good.every((name) => isUp(each, name)));
    const { samples } = pages.at(-1) as ScrapedPage;
    expect(samples.get(of('plimsoll_cluster_up', { cluster: 'locked' }))).toBe('0');
    const ends = (cluster: string) =>
      [...samples.keys()].filter((key) => key.startsWith(`kafka_topic_partition_current_offset{cluster="${cluster}"`));
    for (const name of good) expect(ends(name)).toHaveLength(ends('a').length);
    expect(ends('a').length).toBeGreaterThanOrEqual(6);
    expect([...samples.keys()].filter((key) => key.startsWith('kafka_') && key.includes('cluster="locked"'))).toEqual(
      [],
    );
  });

  test('a clock that is set an hour forward, and two back', async () => {
    const age = of('plimsoll_consumergroup_lag_seconds', { consumergroup: group, topic: copied, partition: 0 });
    const [start] = await page.scrapeUntil('the age of a message', soon, ({ samples }) => samples.has(age));
    for (const step of [3600, -7200]) {
      clock.stepWall(step);
      const stepped = await well();
      expect(gone(before, stepped)).toEqual([]);
      expect(Number(stepped.samples.get(age))).toBeGreaterThanOrEqual(Number(start?.samples.get(age)));
      expect(Number(stepped.samples.get(age))).toBeLessThan(Number(start?.samples.get(age)) + 1800);
      for (const { ageSeconds } of stepped.parts.values()) expect(ageSeconds).toBeLessThan(600);
    }
    clock.stepWall(3600);
  });

  test('a leader that moves', async () => {
    const move = async (to: number) => {
      await client.admin.alterPartitionReassignments({
        topics: [{ topic: single, partitionAssignment: [{ partition: 0, replicas: [to] }] }],
      });
      return page.scrapeUntil(
        `broker ${to} leads`,
        4 * soon,
        ({ samples }) => samples.get(leader(single, 0)) === `${to}`,
      );
    };
    const pages = [...(await move(2)), ...(await move(1)), await well()];
    expect(pages.at(-1)?.samples.get(end(single, 0))).toBe(before.samples.get(end(single, 0)));
    // Brokers learn of it one after the other.
    expect(pages.filter(({ samples }) => !samples.has(end(single, 0))).length).toBeLessThanOrEqual(2);
    for (const each of pages) {
      expect(each.samples.get(up)).toBe('1');
      expect([1, 2].filter((partition) => !each.samples.has(end(single, partition)))).toEqual([]);
    }
  });

  let victim: ProxiedBroker;
  let undertaker: Undertaker;

  /** A partition whose new leader is not yet known to all brokers may lack a figure in one reading. */
  const lostOfCopied = (each: ScrapedPage) =>
    gone(before, each).filter((key) => key.includes(`topic="${copied}"`) && !key.includes(`broker="${victim.id}"`));

  test('a broker that dies, the one that knows the groups', async () => {
    victim = brokerOf(coordinator());
    const { pid } = lab.kafka.brokers.find(({ id }) => id === victim.id) ?? {};
    undertaker = undertakerOf(pid ?? Number.NaN);
    await undertaker.end('SIGKILL');
    const pages = await page.scrapeUntil(
      'the others took over',
      10 * soon,
      (each) => each.samples.get(of('kafka_brokers', {})) === '2' && isFresh(each) && lostOfCopied(each).length === 0,
    );
    const without = pages.at(-1) as ScrapedPage;
    expect(without.samples.get(of('kafka_brokers_expected', {}))).toBe('3');
    expect(pages[0]?.parts.get(`offsets ${victim.id}`)?.kind).toBe('kept');
    // If it also led the quorum, the next leader knows no other replica before it fetches.
    const lostAtOnce = gone(before, pages[0] as ScrapedPage).filter((key) => !key.startsWith('kafka_quorum_replica_'));
    expect(lostAtOnce).toEqual([]);
    for (const each of pages) {
      expect(each.samples.get(up)).toBe('1');
      expect(partsThatAre(each, 'missing')).toEqual([]);
    }
    // Replicated partitions have a leader as soon as the others notice.
    const blank = pages.filter(({ samples }) => [0, 1, 2].some((each) => !samples.has(lag(copied, each))));
    expect(blank.length).toBeLessThanOrEqual(2);
    expect([0, 1, 2].map((partition) => without.samples.get(leader(copied, partition)))).not.toContain(victim.id);
  }, 180_000);

  test('a partition without a leader', async () => {
    const partition = Number(victim.id) - 1;
    const others = [0, 1, 2].filter((each) => each !== partition);
    // The last values of the group are shown until its new coordinator has loaded it.
    const pages = await page.scrapeUntil('its lag is gone', soon, (each) => !each.samples.has(lag(single, partition)));
    const last = pages.at(-1) as ScrapedPage;
    expect(last.samples.get(of('kafka_topic_leaderless_partitions', { topic: single }))).toBe('1');
    expect(last.samples.get(of('kafka_topic_partitions', { topic: single }))).toBe('3');
    const lost = gone(before, last);
    expect(lost).toEqual(expect.arrayContaining([leader(single, partition), end(single, partition)]));
    expect(others.filter((each) => !last.samples.has(lag(single, each)))).toEqual([]);
    expect(lost.filter((key) => others.some((each) => key.includes(`partition="${each}"`)))).toEqual([]);
  });

  if (fullMatrix) {
    test('a broker that is started again', async () => {
      undertaker.revive();
      const pages = await page.scrapeUntil(
        'everything is back',
        10 * soon,
        (each) => isFresh(each) && gone(before, each).length === 0,
      );
      for (const each of pages) expect(each.samples.get(up)).toBe('1');
      expect(pages.at(-1)?.samples.get(of('kafka_brokers', {}))).toBe('3');
    }, 180_000);
  }
});

/** Sends ten messages to each partition and commits four; in one partition all. */
async function fill(brokers: string[]) {
  const kafka = new Kafka({ clientId: 'filler', brokers, logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const partitions = [0, 1, 2];
  const assignments = {
    [single]: [[1], [2], [3]],
    [copied]: [
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
    ],
  };
  await makeTopics(
    admin,
    Object.entries(assignments).map(([topic, replicas]) => ({
      topic,
      replicaAssignment: partitions.map((partition) => ({ partition, replicas: replicas[partition] ?? [] })),
    })),
  );
  for (const topic of [single, copied]) {
    const messages = partitions.flatMap((partition) => Array.from({ length: 10 }, () => ({ partition, value: 'x' })));
    await producer.send({ topic, messages });
    const offsets = partitions.map((partition) => ({
      partition,
      offset: topic === copied && partition === 0 ? '10' : '4',
    }));
    await admin.setOffsets({ groupId: group, topic, partitions: offsets });
  }
  return { admin, producer };
}
