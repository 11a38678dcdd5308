import { expect, test } from 'vitest';
import { longestOf, QueuesFacts } from '../../../../ops/rocketmq/queues/facts.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';
import { travel } from '../../../support/change-journey.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { store, type FakeBroker, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';
import { brokerOf, delayed, lateCluster, pair, plan, shown } from '../../../support/queue-change.ts';

const committedAt = (broker: FakeBroker) => (offset: bigint) =>
  void (broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, offset]]) }]);
const reopen = (cluster: FakeCluster) => void brokerOf(cluster).topics.set('orders', topicOf('orders'));
const reopened = 'another tool or person set write queues 2 for orders on broker-b: use --abort, or set them to 1';

test('queues that were reopened to producers while groups still read stay readable', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  broker.ends.set('orders 1', 9n);
  broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, 4n]]) }];
  const readAll = () => void (broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, 9n]]) }]);
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }), {
    events: [
      [60, () => reopen(cluster)],
      [65, readAll],
    ],
  });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-read', holds: [{ what: reopened }] });
  expect(shown(cluster)).toEqual(['2/1', '2/2']);
});

test.each([
  { at: 'see-late', over: {}, cluster: () => lateCluster().cluster },
  { at: 'see-expired', over: { giveUpReplay: false }, cluster: pair },
])('queues that were reopened to producers hold the step $at', async ({ at, over, cluster: made }) => {
  const cluster = made();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1, ...over }), {
    events: [[15, () => reopen(cluster)]],
  });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: at, holds: [{ what: reopened }] });
});

test('queues that were open to producers for a while stay readable until the new messages are read', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const { facts } = await plan(cluster, { to: 1, giveUpReplay: false });
  const commit = committedAt(broker);
  commit(0n);
  const send = () => store(broker, 'orders', { queueId: 1 });
  const shortly = { subject: 'orders', facts: { ...facts, retentionHours: 60 / 3600 } };
  const trip = await travel(cluster, queues, shortly, { events: [[40, send]] });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'close-reads' });
  expect(trip.said).toContain('group billing has unread messages in orders: 1');
  expect(shown(cluster)).toEqual(['2/1', '2/1']);
});

const close = (cluster: FakeCluster) =>
  void brokerOf(cluster).topics.set('orders', topicOf('orders', { writeQueues: 1 }));

test('waits for the retention of messages sent while the queues were open again', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1, giveUpReplay: false }), {
    wait: 4500,
    events: [
      [30, () => reopen(cluster)],
      [3630, () => close(cluster)],
    ],
  });
  const { arrival } = trip;
  if (arrival?.kind !== 'held') throw new Error('not held');
  expect(arrival.step).toBe('see-expired');
  const retained = 72 * 3600;
  const countedFrom = Number(arrival.holds[0]?.until) / 1000 - retained;
  // The queues are checked once a minute.
  expect(countedFrom).toBeGreaterThan(3630 - 60);
  expect(countedFrom).toBeLessThanOrEqual(3630);
});

test('queues reopened while a group had unread messages wait for the retention again', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const { facts } = await plan(cluster, { to: 1, giveUpReplay: false });
  const commit = committedAt(broker);
  commit(0n);
  const seen: string[][] = [];
  const trip = await travel(
    cluster,
    queues,
    { subject: 'orders', facts: { ...facts, retentionHours: 60 / 3600 } },
    {
      wait: 400,
      events: [
        [40, () => store(broker, 'orders', { queueId: 1 })],
        [150, () => reopen(cluster)],
        [200, () => close(cluster)],
        [201, () => commit(1n)],
        [255, () => void seen.push(shown(cluster))],
      ],
    },
  );
  expect(seen).toEqual([['2/1', '2/1']]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(shown(cluster)).toEqual(['1/1', '1/1']);
});

test('the retention of messages delayed while queues were open again starts at their arrival', async () => {
  const { cluster, deliver } = lateCluster();
  deliver(4n);
  const { facts } = await plan(cluster, { to: 1, giveUpReplay: false });
  const retained = 60;
  const short = { subject: 'orders', facts: { ...facts, retentionHours: retained / 3600 } };
  const trip = await travel(cluster, queues, short, {
    wait: 200,
    events: [
      [60, () => reopen(cluster)],
      [80, () => close(cluster)],
    ],
  });
  const { arrival } = trip;
  if (arrival?.kind !== 'held' || facts.late === undefined) throw new Error('not held');
  expect(arrival.step).toBe('close-reads');
  const countedFrom = Number(arrival.holds[0]?.until) / 1000 - retained - longestOf(facts.late);
  expect(countedFrom).toBeGreaterThan(60);
  expect(countedFrom).toBeLessThanOrEqual(80);
});

test('reopened queues stay readable until messages that were delayed during that time have arrived', async () => {
  const { cluster, broker, deliver } = lateCluster();
  deliver(4n);
  const commit = committedAt(broker);
  commit(0n);
  const delay = () => {
    broker.ends.set('SCHEDULE_TOPIC_XXXX 2', 5n);
    broker.runtime.set('scheduleMessageOffset_3', '4,5');
  };
  const arrive = () => {
    store(broker, 'orders', delayed);
    broker.runtime.set('scheduleMessageOffset_3', '5,5');
  };
  const seen: string[][] = [];
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }), {
    events: [
      [30, () => reopen(cluster)],
      [40, delay],
      [45, () => close(cluster)],
      [46, () => commit(1n)],
      [55, () => void seen.push(shown(cluster))],
      [56, arrive],
      [60, () => void seen.push(shown(cluster))],
      [61, () => commit(2n)],
    ],
  });
  expect(trip.said).toContain('pending messages of delay level 3: 1 at broker-b');
  expect(seen).toEqual([
    ['2/1', '2/1'],
    ['2/1', '2/1'],
  ]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(shown(cluster)).toEqual(['1/1', '1/1']);
});

test('reopened queues stay readable while clients with an old route still write to them', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const commit = committedAt(broker);
  const seen: string[][] = [];
  let sent = 0n;
  // Read at once: nothing is unread when the queues are looked at.
  const sendAndRead = () => {
    store(broker, 'orders', { queueId: 1 });
    commit((sent += 1n));
  };
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }), {
    events: [
      [8, () => reopen(cluster)],
      [30, () => close(cluster)],
      ...[32, 34, 36, 38, 40].map((second) => [second, sendAndRead] as const),
      [45, () => void seen.push(shown(cluster))],
    ],
  });
  expect(trip.said).toContain('10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders');
  expect(seen).toEqual([['2/1', '2/1']]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(shown(cluster)).toEqual(['1/1', '1/1']);
});

test('the next process does not verify quiet queues again, unless others reopen them once more', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1, giveUpReplay: false }), {
    wait: 300,
    events: [
      [30, () => reopen(cluster)],
      [100, () => close(cluster)],
    ],
  });
  const facts = QueuesFacts.parse(trip.state.facts);
  expect(facts).toMatchObject({ wasReopened: true, quietAgain: true });
  const steps = queues.steps(facts, { desk: cluster.desk, clock: createSteppedClock() });
  const expire = steps.find(({ id }) => id === 'see-expired');
  const io = { signal: new AbortController().signal };
  expect(await expire?.run(io)).toMatchObject({
    kind: 'held',
    holds: [{ what: expect.stringContaining('fileReservedTime') as string }],
  });
  reopen(cluster);
  expect(await expire?.run(io)).toMatchObject({ kind: 'held', learnt: { wasReopened: true, quietAgain: false } });
});
