import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import type { ChangeDesk } from '../../../../../brokers/rocketmq/changes/change-desk.ts';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { defineTopic } from '../../../../../ops/rocketmq/topics/define-topic.ts';
import {
  planAlterTopic,
  planCreateTopic,
  type TopicSpec,
} from '../../../../../ops/rocketmq/topics/plan-define-topic.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store } from '../../../../support/fake-change-desk.ts';
import { brokerOf, pair } from '../../../../support/queue-change.ts';

type RouteAnswer = NonNullable<Awaited<ReturnType<ChangeDesk['route']>>>;

const io = { signal: new AbortController().signal };
const compacted = { 'cleanup.policy': 'COMPACTION' };

/** Alters a compacted topic on two brokers. */
async function altered(spec: Partial<TopicSpec>, over: { isStatic?: true } = {}) {
  const cluster = pair();
  for (const { topics, runtime } of cluster.brokers.values()) {
    topics.set('orders', topicOf('orders', { attributes: compacted, ...over }));
    runtime.set('brokerVersionDesc', 'V5_3_3');
  }
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: systemClock, known: [], clusterArgs: '' };
  const { facts } = await planAlterTopic(tools, { topic: 'orders', brokers: [], attributes: {}, ...spec }, io);
  const [step] = defineTopic.steps(facts, tools);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  const { undo } = step;
  await step.run(io);
  return { cluster, admin, undo: () => undo.run?.(io), topic: () => brokerOf(cluster).topics.get('orders') };
}

test('alters and restores a topic that has an immutable attribute', async () => {
  const { topic, undo } = await altered({ permission: 4 });
  expect(topic()).toEqual(topicOf('orders', { permission: 4, attributes: compacted }));
  await undo();
  expect(topic()).toEqual(topicOf('orders', { attributes: compacted }));
});

test('refuses to alter a static topic', () =>
  expect(altered({ permission: 4 }, { isStatic: true })).rejects.toMatchObject({ code: 'unsupported-broker' }));

test('the plan stays the same while a broker of 4.x adopts the order flag of the name servers', () => {
  const planOf = (isOrdered: boolean) => {
    const before = topicOf('orders', { order: isOrdered });
    const brokers = [{ brokerName: 'broker-a', address: 'a:1', before, after: { ...before, permission: 4 } }];
    const tools = {} as Parameters<typeof defineTopic.steps>[1];
    return defineTopic.steps({ topic: 'orders', brokers }, tools).map(({ description }) => description);
  };
  expect(planOf(true)).toEqual(planOf(false));
});

test.each([
  { brokers: [], order: true, before: undefined, codes: [] },
  { brokers: ['broker-a'], order: true, before: undefined, codes: ['order-moves'] },
  { brokers: [], order: false, before: 'broker-b:2;broker-a:2', codes: ['order-moves'] },
])('names keys that move with the order configuration: $brokers $order', async ({ brokers, order, before, codes }) => {
  const cluster = pair();
  if (before !== undefined) cluster.orders.set('ns1:9876 orders', before);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: systemClock, known: [], clusterArgs: '' };
  const { findings } = await planAlterTopic(tools, { topic: 'orders', brokers, order, attributes: {} }, io);
  expect(findings.map(({ code }) => code)).toEqual(codes);
});

test.each([
  { order: true, before: undefined, codes: [] },
  { order: false, before: 'broker-10:2;broker-1:2', codes: ['order-moves'] },
])('sorts queues of a route by broker name, as producers do: $order', async ({ order, before, codes }) => {
  const cluster = fakeCluster({ 'b:1': fakeBroker('broker-10'), 'a:1': fakeBroker('broker-1') });
  if (before !== undefined) cluster.orders.set('ns1:9876 orders', before);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: systemClock, known: [], clusterArgs: '' };
  const { findings } = await planAlterTopic(tools, { topic: 'orders', brokers: [], order, attributes: {} }, io);
  expect(findings.map(({ code }) => code)).toEqual(codes);
});

test('a rollback removes an attribute that the topic did not have', async () => {
  const { topic, undo } = await altered({ attributes: { 'message.type': 'FIFO' } });
  expect(topic()?.attributes).toEqual({ ...compacted, 'message.type': 'FIFO' });
  await undo();
  expect(topic()?.attributes).toEqual(compacted);
});

test('a rollback that a broker ignores without an error is not done', async () => {
  const { admin, undo } = await altered({ permission: 4 });
  admin.defineTopic = async () => undefined;
  await expect(undo()).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringContaining('broker-a took read queues 2') as string,
  });
});

test('a topic that others deleted since stays deleted', async () => {
  const { cluster, topic, undo } = await altered({ permission: 4 });
  brokerOf(cluster).topics.delete('orders');
  expect(inEnglish(await undo())).toContain('broker-b: others changed orders, and it stays as it is');
  expect(topic()).toBeUndefined();
});

test('a new topic is not created in every cluster of the name servers', async () => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values()) topics.clear();
  brokerOf(cluster).settings.set('brokerClusterName', 'finance');
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: systemClock, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', brokers: [], attributes: {} };
  await expect(planCreateTopic(tools, spec, io)).rejects.toMatchObject({
    code: 'usage',
    message: 'cannot create topic orders: the name servers serve several clusters: finance, lab',
  });
  const { facts } = await planCreateTopic(tools, { ...spec, brokers: ['broker-a'] }, io);
  expect(facts.brokers.map(({ brokerName }) => brokerName)).toEqual(['broker-a']);
});

/** A new topic on two brokers, whose routes are at two name servers. */
async function created() {
  const servers = ['ns1:9876', 'ns2:9876'];
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') }, servers);
  for (const { topics, settings } of cluster.brokers.values()) {
    topics.clear();
    settings.set('namesrvAddr', servers.join(';'));
  }
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: servers });
  const routes = new Map<string, RouteAnswer>();
  const down = new Set<string>();
  const reach = (server: string) => {
    if (down.has(server)) throw new AppError('broker-unreachable', `cannot reach ${server}: connection refused`);
  };
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    deleteTopic: async (address: string, topic: string) => void brokerOf(cluster, address).topics.delete(topic),
    // A name server keeps routes that brokers have registered once.
    async route(server: string) {
      reach(server);
      return routes.get(server);
    },
    async forgetTopic(server: string) {
      reach(server);
      routes.delete(server);
    },
  };
  const tools = { admin, clock: systemClock, known: [], clusterArgs: '' };
  const { facts } = await planCreateTopic(tools, { topic: 'orders', brokers: [], attributes: {} }, io);
  const [step] = defineTopic.steps(facts, tools);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  const { undo } = step;
  await step.run(io);
  for (const server of servers) {
    const route = await cluster.desk.route(server, 'orders', io);
    if (route !== undefined) routes.set(server, route);
  }
  return { cluster, routes, down, undo: () => undo.run?.(io) };
}

test('a rollback removes the routes of a new topic from every name server, from one that is down once it answers', async () => {
  const { cluster, routes, down, undo } = await created();
  down.add('ns1:9876');
  await expect(undo()).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining('rollback incomplete: cannot reach ns1:9876') as string,
  });
  expect([...cluster.brokers.values()].map(({ topics }) => topics.has('orders'))).toEqual([false, false]);
  expect([...routes.keys()]).toEqual(['ns1:9876']);
  down.clear();
  expect(inEnglish(await undo())).toContain('ns1:9876: removed the route of orders');
  expect([...routes.keys()]).toEqual([]);
});

test('the routes of a new topic stay while a broker keeps the topic because of its messages', async () => {
  const { cluster, routes, undo } = await created();
  store(brokerOf(cluster), 'orders');
  expect(inEnglish(await undo())).toContain('ns2:9876: broker-b has orders, and its route stays');
  expect([...routes.keys()]).toEqual(['ns1:9876', 'ns2:9876']);
});

test('altering a topic to its present values takes no step', async () => {
  await expect(altered({ permission: 6, attributes: compacted })).rejects.toThrow('no rollback');
});
