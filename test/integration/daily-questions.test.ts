// Seeds a lab, and checks the answers of `get` and `top`.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { asking } from '../support/asking.ts';
import { expectMessagesPage } from '../support/expect-messages-page.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../support/rocketmq.ts';
import { expectStates, lagsOf, seedTwice, snapshotOf } from '../support/seeded-lab.ts';

const Lags = z.object({
  group: z.object({ lag: z.number() }),
  partitions: z.array(z.object({ topic: z.string(), queue: z.string(), lag: z.number() })),
});

const lagsOfOrders = (answer: unknown) => {
  const { group, partitions } = Lags.parse(answer);
  expect(group.lag).toBe(560);
  return partitions.flatMap(({ topic, lag }) => (topic === 'seed-orders' ? [lag] : []));
};

const pause = seconds(0.02);

/** Writes to and reads from seed-payments while `work` runs. */
async function underLoad<Value>(config: ClusterConfig, work: () => Promise<Value>): Promise<Value> {
  const stop = new AbortController();
  const io = { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]) };
  await using traffic = await driverOf(config).traffic('lab', config, io);
  await using consumer = await traffic.consumer({ group: 'eater', topic: 'seed-payments' });
  await using producer = await traffic.producer({ acks: 'leader' });
  const assigned = Promise.withResolvers<void>();
  const reading = consumer.run(() => undefined, { ...io, onAssigned: assigned.resolve });
  await assigned.promise;
  const writing = (async () => {
    const values = Array.from({ length: 20 }, () => Buffer.alloc(1000, 'x'));
    for (let partition = 0; !io.signal.aborted; partition = 1 - partition) {
      await producer.send({ topic: 'seed-payments', partition, values }, io);
      await systemClock.sleep(pause, io);
    }
  })();
  try {
    return await Promise.race([work(), writing.then(() => Promise.reject(new Error('the load ended first')))]);
  } finally {
    stop.abort();
    await Promise.allSettled([reading, writing]);
  }
}

const Groups = z.object({ groups: z.array(z.object({ name: z.string() })) });

const Top = z.object({
  busiest: z.object({ broker: z.string() }),
  topics: z.array(z.object({ name: z.string(), messagesPerSecond: z.number(), bytesPerSecond: z.number() })).min(1),
  groups: z.array(z.object({ name: z.string(), messagesPerSecond: z.number() })).min(1),
  clients: z.array(z.object({ name: z.string() })),
});

/** Each message has 1,000 bytes plus the broker's overhead; log size and offsets are not read at the same time. */
function expectEater(answer: unknown, broker: string) {
  const { busiest, topics, groups, clients } = Top.parse(answer);
  expect(busiest.broker).toBe(broker);
  const [topic] = topics;
  expect(topic?.name).toBe('seed-payments');
  const bytesPerMessage = (topic?.bytesPerSecond ?? 0) / (topic?.messagesPerSecond ?? 0);
  expect(bytesPerMessage).toBeGreaterThan(700);
  expect(bytesPerMessage).toBeLessThan(1600);
  expect(groups[0]?.name).toBe('eater');
  return clients.map(({ name }) => name);
}

const Found = z.object({
  read: z.number(),
  isCut: z.boolean(),
  messages: z.array(
    z.object({ storedAt: z.iso.datetime(), partition: z.number(), offset: z.number(), valueBase64: z.base64() }),
  ),
});

/** Checks seed-orders: 1,000 messages whose value contains their partition and index. */
async function expectMessages(askJson: ReturnType<typeof asking>['askJson'], queue: string) {
  const messages = async (...words: string[]) =>
    Found.parse(await askJson('get', 'messages', '--topic', 'seed-orders', ...words));
  const newest = await messages('--limit', '12');
  const times = newest.messages.map(({ storedAt }) => storedAt);
  expect(times).toHaveLength(12);
  expect(times).toEqual(times.toSorted().reverse());

  const all = await messages('--offset', '0', '--limit', '2000');
  expect(all).toMatchObject({ read: 1000, isCut: false });
  const places = all.messages.map(({ partition, offset }) => `${partition}-${offset}`);
  expect(new Set(places).size).toBe(1000);

  const one = await messages('--contains', '"partition":2,"index":7,', '--offset', '0');
  expect(one).toMatchObject({ read: 1000, messages: [{ partition: 2, offset: 7 }] });
  expect(await messages('--partition', queue, '--offset', '240', '--limit', '3')).toMatchObject({
    messages: [{ offset: 240 }, { offset: 241 }, { offset: 242 }],
  });
  expect(
    await messages('--partition', queue, '--offset', '0', '--read', '50', '--contains', 'nothing has this'),
  ).toEqual(expect.objectContaining({ read: 50, isCut: true, messages: [] }));

  const since = all.messages[700]?.storedAt ?? '';
  const later = await messages('--since', since, '--limit', '1000');
  const notBefore = all.messages.filter(({ storedAt }) => storedAt >= since).length;
  expect(later.messages.every(({ storedAt }) => storedAt >= since)).toBe(true);
  expect(later.messages).toHaveLength(notBefore);
}

requires('java', 'maven').describe('a Kafka lab', () => {
  let kafka: RunningKafka;
  let config: KafkaClusterConfig;
  beforeAll(async () => {
    kafka = await startKafka();
    config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
  });
  afterAll(() => kafka?.[Symbol.asyncDispose]());

  // Must be first: it creates the data for the next tests.
  test('seeding creates groups in every state', async () => {
    await seedTwice(config);
    const seen = await snapshotOf(config);
    expectStates(seen);
    const [lost] = seen.groups.find(({ name }) => name === 'seed-late')?.partitions ?? [];
    expect(lost).toMatchObject({ committed: 20n, end: 100n });
    expect(seen.offsets.find(({ topic }) => topic === 'seed-expired')).toMatchObject({ start: 60n });
  });

  test('get and top return what operators need every day', async () => {
    const bootstrap = kafka.bootstrap.join();
    const { ask, askJson } = asking('--bootstrap', bootstrap);

    expect(await askJson('get', 'brokers')).toMatchObject({ brokers: [{ id: '1', address: bootstrap, lagging: 0 }] });
    expect(await askJson('get', 'topics')).toMatchObject({
      topics: expect.arrayContaining([
        expect.objectContaining({ name: 'seed-orders', partitions: 4, messages: 1000, groups: 3 }),
        expect.objectContaining({ name: 'seed-expired', messages: 40 }),
      ]) as unknown,
    });
    expect((await ask('get', 'topic', 'seed-orders')).stdout).toMatch(/^3 +1 +1 +1 +0 +250 +250$/m);
    expect(lagsOfOrders(await askJson('get', 'group', 'seed-billing'))).toEqual([50, 100, 150, 200]);
    expect((await ask('get', 'groups')).stdout).toMatch(/^seed-billing +Empty +0 +- +560 +seed-orders,seed-payments$/m);
    expect((await ask('get', 'config', '1')).stdout).toMatch(/^log\.retention\.hours +168$/m);
    const place = ['--topic', 'seed-orders', '--partition', '2'];
    expect((await ask('get', 'message', ...place, '--offset', '7')).stdout).toContain('"partition":2,"index":7');

    await expectMessages(askJson, '2');
    const own = { broker: 'kafka', bootstrap: kafka.bootstrap };
    await expectMessagesPage(own, '2', KafkaClusterConfig.parse(own));

    expect(await ask('get', 'topic', 'seed-order')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('did you mean seed-orders?') as unknown,
    });
    expect(await ask('get', 'message', ...place, '--offset', '250')).toMatchObject({ exitCode: 2, stdout: '' });
    expect(await ask('get', 'routes', 'seed-orders')).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('Kafka has no name servers') as unknown,
    });

    await underLoad(config, async () => {
      // Commits arrive every five seconds.
      const clients = expectEater(await askJson('top', '--interval', '6'), '1');
      expect(clients).toEqual(['plimsoll 127.0.0.1 (eater)']);
      expect(await askJson('get', 'group', 'eater')).toMatchObject({
        group: { state: 'Stable' },
        members: [{ clientId: 'plimsoll', subscriptions: { 'seed-payments': '*' } }],
      });
    });
  });
});

requires('java', 'maven').describe('a RocketMQ lab', () => {
  let rocketmq: RunningRocketmq;
  beforeAll(async () => {
    rocketmq = await startRocketmq();
  });
  afterAll(() => rocketmq?.[Symbol.asyncDispose]());

  test('seeding also creates what only RocketMQ has', async () => {
    const { topics } = await seedTwice(rocketmq.config);
    expect(Object.fromEntries(topics.map(({ name, added }) => [name, added]))).toMatchObject({
      '%RETRY%seed-retrying': 20,
      '%DLQ%seed-giving-up': 20,
      SCHEDULE_TOPIC_XXXX: 10,
      rmq_sys_wheel_timer: 10,
      RMQ_SYS_TRANS_HALF_TOPIC: 10,
    });
    const seen = await snapshotOf(rocketmq.config);
    expectStates(seen);
    expect(lagsOf(seen, 'seed-retrying', '%RETRY%seed-retrying')).toEqual([15]);
    expect(lagsOf(seen, 'seed-prices', 'seed-orders') ?? []).toEqual([]);
  });

  test('get and top answer the daily questions of RocketMQ operators', async () => {
    const { ask, askJson } = asking('--namesrv', rocketmq.namesrv.join());

    expect(await askJson('get', 'brokers')).toMatchObject({
      brokers: [{ id: 'broker-a:0', role: 'master', version: '5.3.3' }],
      nameServers: [{ reachable: true }],
    });
    expect((await ask('get', 'topic', 'seed-orders')).stdout).toMatch(/^broker-a:3 .* 0 +250 +250$/m);
    expect(lagsOfOrders(await askJson('get', 'group', 'seed-billing'))).toEqual([50, 100, 150, 200]);
    expect((await ask('get', 'config', 'broker-a:0')).stdout).toMatch(/^brokerClusterName +lab/m);
    expect((await ask('get', 'config', rocketmq.namesrv[0] ?? '')).stdout).toMatch(/^listenPort +\d+/m);
    expect(await askJson('get', 'routes', 'seed-orders')).toMatchObject({
      agree: true,
      servers: [{ queues: [{ brokerName: 'broker-a', readQueues: 4, writeQueues: 4, permission: 'rw' }] }],
    });

    const place = ['--topic', 'seed-orders', '--partition', 'broker-a:2', '--offset', '7'];
    const { stdout } = await ask('get', 'message', ...place);
    expect(stdout).toContain('"partition":2,"index":7');
    const [, id = ''] = /^id +(\w{32})$/m.exec(stdout) ?? [];
    const [, key = ''] = /^property UNIQ_KEY +(\w{32})$/m.exec(stdout) ?? [];
    expect((await ask('get', 'message', id)).stdout).toBe(stdout);
    expect((await ask('get', 'message', key, '--topic', 'seed-orders')).stdout).toBe(stdout);
    expect(await ask('get', 'message', '--topic', 'seed-orders', '--key', 'nobody-has-it')).toMatchObject({
      exitCode: 2,
    });

    await expectMessages(askJson, 'broker-a:2');
    if (fullMatrix) {
      const own = { broker: 'rocketmq', namesrv: rocketmq.namesrv };
      await expectMessagesPage(own, 'broker-a:2', rocketmq.config);
    }

    // Takes 10 s; every run includes `top` on Kafka.
    if (fullMatrix) {
      await underLoad(rocketmq.config, async () => {
        expectEater(await askJson('top', '--interval', '6'), 'broker-a:0');
        expect(await ask('get', 'group', 'eater')).toMatchObject({
          exitCode: 0,
          stdout: expect.stringMatching(/plimsoll@.* OTHER V4_9_7/) as unknown,
          stderr: expect.stringContaining('did not report their subscription') as unknown,
        });
      });
    }
    // Reading messages left no group behind.
    const { groups } = Groups.parse(await askJson('get', 'groups'));
    expect(groups.map(({ name }) => name).filter((name) => !/^(seed-|CID_RMQ_SYS_)/.test(name))).toEqual(
      fullMatrix ? ['eater'] : [],
    );
  });
});
