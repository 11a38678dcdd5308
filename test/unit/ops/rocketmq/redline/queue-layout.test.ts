import { expect, test } from 'vitest';
import type { JournalRow } from '../../../../../ops/redline/live-load.ts';
import { raiseQueues, TopicQueues, type QueueTools } from '../../../../../ops/rocketmq/redline/queue-layout.ts';
import { restoreQueues } from '../../../../../ops/rocketmq/redline/restore-queues.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeBroker } from '../../../../support/fake-change-desk.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';

const original: TopicQueues = { topic: 'orders', brokerName: 'a', address: 'a:1', readQueues: 2, writeQueues: 2 };

function lab(over: Partial<FakeBroker> = {}) {
  const broker = fakeBroker('a', over);
  const cluster = fakeCluster({ 'a:1': broker, 'b:1': fakeBroker('b') });
  const journal: JournalRow[] = [];
  const clock = createHandClock();
  const tools: QueueTools = {
    desk: cluster.desk,
    clock,
    signal: new AbortController().signal,
    check: async () => undefined,
    held: () => undefined,
    remember: async (rows) => {
      journal.push(...rows);
    },
  };
  const queues = (name = 'orders') => {
    const { readQueues, writeQueues } = broker.topics.get(name) ?? { readQueues: 0, writeQueues: 0 };
    return `${readQueues} ${writeQueues}`;
  };
  const restore = (ignoredGroups: readonly string[] = []) =>
    restoreQueues(tools, { original: [original], set: TopicQueues.array().parse(journal), ignoredGroups });
  return { broker, cluster, journal, clock, tools, queues, restore };
}

const reads = (committed: Record<number, bigint>) => ({
  commits: [
    {
      topic: 'orders',
      group: 'billing',
      byQueue: new Map(Object.entries(committed).map(([id, at]) => [Number(id), at] as const)),
    },
  ],
  online: new Map([['billing', { clients: ['c1'], topics: ['orders'] }]]),
});

test('queues are readable before producers find them, and the journal has both before they are set', async () => {
  const { broker, cluster, clock, journal, tools, queues } = lab();
  const seen: string[] = [];
  cluster.fault = (question) => {
    if (question.startsWith('defineTopic'))
      seen.push(`${clock.monotonic() >= 50 ? 'later' : 'first'} ${journal.length}`);
  };
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
  expect(seen).toEqual(['first 1', 'later 1']);
  expect(queues()).toBe('6 3');
  expect(broker.topics.get('orders')?.permission).toBe(6);
  // Queues that are readable already need no second wait.
  const before = clock.monotonic();
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 3, to: 5 }]);
  expect(queues()).toBe('6 5');
  expect(clock.monotonic() - before).toBeLessThan(5);
});

test('a topic that others changed ends the step before any change', async () => {
  const { broker, tools, queues } = lab();
  broker.topics.set('orders', topicOf('orders', { readQueues: 4, writeQueues: 4 }));
  await expect(raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }])).rejects.toThrow('was changed by others');
  expect(queues()).toBe('4 4');
});

test('restores write queues first, and read queues after 40 s without messages and with all groups read', async () => {
  const { broker, clock, tools, queues, restore, cluster } = lab(reads({ 0: 0n, 1: 0n }));
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
  store(broker, 'orders', { queueId: 2 });
  const begun = clock.monotonic();
  let writesAt = 0;
  cluster.fault = (question) => {
    if (question.startsWith('defineTopic') && writesAt === 0) writesAt = clock.monotonic();
    // A producer with an old route.
    if (clock.monotonic() === begun + 10) store(broker, 'orders', { queueId: 2 });
    if (clock.monotonic() > begun + 90) broker.commits = reads({ 2: 100n }).commits;
  };
  expect(await restore()).toEqual({ partitions: 1, left: [] });
  expect(queues()).toBe('2 2');
  expect(writesAt).toBe(begun);
  expect(clock.monotonic() - begun).toBeGreaterThan(90);
});

test('removed queues that a group does not read stay readable, and the group is named', async () => {
  const { broker, tools, queues, restore } = lab({ commits: reads({ 0: 0n }).commits });
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
  store(broker, 'orders', { queueId: 2 });
  const { partitions, left } = await restore();
  expect(partitions).toBe(0);
  expect(left[0]).toMatch(
    /^orders: more than 2 queues of a stay readable, since group billing has unread messages in orders: 1/,
  );
  expect(queues()).toBe('6 2');
  expect(await restore(['billing'])).toEqual({ partitions: 1, left: [] });
  expect(queues()).toBe('2 2');
});

test('continues after a crash between read and write queues', async () => {
  const { broker, tools, journal, queues, restore } = lab();
  await tools.remember([{ ...original, readQueues: 6, writeQueues: 3 }]);
  broker.topics.set('orders', topicOf('orders', { readQueues: 6, writeQueues: 2 }));
  expect(await restore()).toEqual({ partitions: 1, left: [] });
  expect(queues()).toBe('2 2');
  expect(journal).toHaveLength(1);
});

test('leaves and names a topic that others changed or deleted', async () => {
  const { broker, tools, queues, restore } = lab();
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
  broker.topics.set('orders', topicOf('orders', { readQueues: 16, writeQueues: 16 }));
  expect(await restore()).toEqual({
    partitions: 0,
    left: ['orders: it has 16 read and 16 write queues on a, which others set meanwhile; before, it had 2 and 2'],
  });
  expect(queues()).toBe('16 16');
  broker.topics.delete('orders');
  expect((await restore()).left).toEqual(['orders: it was deleted meanwhile']);
});

test('changes nothing that is already in the former state', async () => {
  const { cluster, restore } = lab();
  expect(await restore()).toEqual({ partitions: 1, left: [] });
  expect(cluster.asked.some((question) => question.startsWith('defineTopic'))).toBe(false);
});

test('waits for a broker that restarts', async () => {
  const { broker, cluster, clock, tools, queues, restore } = lab();
  await raiseQueues(tools, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
  broker.isUp = false;
  const begun = clock.monotonic();
  const listings = cluster.desk.listings;
  cluster.desk.listings = (...words) => {
    if (clock.monotonic() > begun + 20) broker.isUp = true;
    return listings(...words);
  };
  expect(await restore()).toEqual({ partitions: 1, left: [] });
  expect(queues()).toBe('2 2');
});
