import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { AppError } from '../../../../../core/errors.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import { deleteTopic } from '../../../../../ops/rocketmq/topics/delete-topic.ts';
import { planDeleteTopic } from '../../../../../ops/rocketmq/topics/plan-delete-topic.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { store } from '../../../../support/fake-change-desk.ts';
import { brokerOf, pair } from '../../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };

test.each([
  { what: 'written to', queueId: 0 },
  { what: 'given another queue that is written to', queueId: 2 },
])('keeps a topic that was $what between the shown plan and the plan under the lease', async ({ queueId }) => {
  const cluster = pair();
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const deleted: string[] = [];
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    deleteTopic: async (address: string) => void deleted.push(address),
  };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
  const shown = await planDeleteTopic(tools, spec, io);
  const broker = brokerOf(cluster);
  broker.topics.set('orders', topicOf('orders', { readQueues: queueId + 1, writeQueues: queueId + 1 }));
  store(broker, 'orders', { queueId });
  const { facts } = await planDeleteTopic(tools, { ...spec, shown: shown.facts }, io);
  await expect(deleteTopic.steps(facts, tools)[0]?.run(io)).rejects.toMatchObject({
    code: 'change-refused',
    message: `topic orders is not deleted: producers wrote to queue ${queueId} of broker-b since the plan (messages: 1)`,
  });
  expect(deleted).toEqual([]);
});

test.each([
  { what: 'that is empty', messages: 0, isKept: true },
  { what: 'with the messages of the plan', messages: 3, isKept: false },
])('without topic ids, a resumed deletion of a topic $what keeps it: $isKept', async ({ messages, isKept }) => {
  const cluster = pair();
  for (const broker of cluster.brokers.values()) {
    for (let sent = 0; sent < messages; sent += 1) store(broker, 'orders');
  }
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const deleted: string[] = [];
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    deleteTopic: async (address: string) => void deleted.push(address),
  };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
  const { facts } = await planDeleteTopic(tools, spec, io);
  const resumed = deleteTopic.steps({ ...facts, isResumed: true }, tools)[0]?.run(io);
  if (isKept) {
    await expect(resumed).rejects.toMatchObject({
      code: 'change-refused',
      message: expect.stringContaining('it is unknown whether broker-a has created it again') as string,
      hint: expect.stringContaining('--abort') as string,
    });
  } else await expect(resumed).resolves.toMatchObject({ kind: 'done' });
  expect(deleted).toEqual(isKept ? [] : ['a:1', 'b:1']);
});

test('keeps a topic of a group whose commits advance without a connected client, as through a proxy', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const commit = (group: string, offset: bigint) => ({ topic: 'orders', group, byQueue: new Map([[0, offset]]) });
  broker.commits = [commit('billing', 5n), commit('stopped', 5n)];
  const consumes = async () => void (broker.commits = [commit('billing', 9n), commit('stopped', 5n)]);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: { ...systemClock, sleep: consumes }, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
  const { findings } = await planDeleteTopic(tools, spec, io);
  expect(findings.filter(({ code }) => code.startsWith('group-'))).toMatchObject([
    {
      severity: 'critical',
      code: 'group-reads',
      message:
        'group billing reads orders without being connected to the brokers, as through a proxy; stop its members, or give --accept-readers',
    },
    { severity: 'warning', code: 'group-stopped', message: 'group stopped has offsets in orders and no members' },
  ]);
});

test('deletes the POP retry topics of the topic, and keeps those of other groups', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const own = ['%RETRY%billing+orders', '%RETRY%billing_orders'];
  for (const name of [...own, '%RETRY%billing', '%RETRY%audit_orders']) broker.topics.set(name, topicOf(name));
  broker.groups.set('audit_orders', '{}');
  broker.commits = ['billing', 'audit'].map((group) => ({ topic: 'orders', group, byQueue: new Map([[0, 0n]]) }));
  store(broker, '%RETRY%billing+orders');
  store(broker, '%RETRY%billing_orders');
  store(broker, '%RETRY%audit_orders');
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const deleted: string[] = [];
  const forgotten: string[] = [];
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    async deleteTopic(address: string, topic: string) {
      if (address === 'b:1') deleted.push(topic);
      cluster.brokers.get(address)?.topics.delete(topic);
    },
    forgetTopic: async (_: string, topic: string) => void forgotten.push(topic),
  };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
  const { facts, findings } = await planDeleteTopic(tools, spec, io);
  expect(findings.find(({ code }) => code === 'what-is-lost')?.message).toContain(
    'messages lost, at most: 2 (with those of %RETRY%billing+orders, %RETRY%billing_orders); ',
  );
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
  for (const step of deleteTopic.steps(facts, tools)) await step.run(io);
  expect(deleted).toEqual([...own, 'orders']);
  expect(forgotten).toEqual(['orders', ...own]);
});

test('warns that delayed messages cannot be counted per topic', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  broker.ends.set('SCHEDULE_TOPIC_XXXX 2', 4n);
  broker.runtime.set('scheduleMessageOffset_3', '1,4');
  broker.runtime.set('timerReadBehind', '0');
  broker.runtime.set('timerCongestNum', '7');
  broker.commits = [{ topic: 'RMQ_SYS_TRANS_HALF_TOPIC', group: 'CID_RMQ_SYS_TRANS', byQueue: new Map([[0, 0n]]) }];
  broker.ends.set('RMQ_SYS_TRANS_HALF_TOPIC 0', 2n);
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...cluster.desk };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, known: [], clusterArgs: '' };
  const spec = { topic: 'orders', watch: seconds(5), acceptWrites: false, acceptReaders: false };
  const { findings } = await planDeleteTopic(tools, spec, io);
  const [waiting, ...others] = findings.filter(({ code }) => code === 'waiting-not-counted');
  expect(others).toEqual([]);
  expect(waiting?.message).toContain(
    'broker-b has messages that are delivered later, of all topics (pending messages of delay level 3: 3; pending timer messages: 7; 2 pending half messages (transactions without outcome)): those of orders',
  );
  const needs = 'b:1 refused access: needs GET on topic SCHEDULE_TOPIC_XXXX';
  const { ends } = admin;
  admin.ends = async (address, queues, within) => {
    const isOfBroker = queues.some(({ topic }) => topic === 'SCHEDULE_TOPIC_XXXX');
    if (isOfBroker && address === 'b:1') throw new AppError('credentials-refused', needs);
    return await ends(address, queues, within);
  };
  expect((await planDeleteTopic(tools, spec, io)).findings.map(({ message }) => message)).toContainEqual(
    expect.stringContaining(`broker-b may have messages that are delivered later, of all topics (${needs}): those of`),
  );
});
