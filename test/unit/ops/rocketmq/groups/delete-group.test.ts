import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { deleteGroup, planDeleteGroup } from '../../../../../ops/rocketmq/groups/delete-group.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { store } from '../../../../support/fake-change-desk.ts';
import { brokerOf, pair } from '../../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };
const commit = (group: string, offset: bigint, topic = 'orders') => ({
  topic,
  group,
  byQueue: new Map([[0, offset]]),
});

/** @param whileWatched called when the commits were read once */
function twoBrokers(whileWatched: () => void = () => undefined) {
  const cluster = pair();
  const deleted: string[] = [];
  const forgotten: string[] = [];
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    deleteGroup: async (address: string, group: string) => void deleted.push(`${address} ${group}`),
    deleteTopic: async (address: string, topic: string) => void deleted.push(`${address} ${topic}`),
    forgetTopic: async (_: string, topic: string) => void forgotten.push(topic),
  };
  const clock = { ...systemClock, sleep: async () => whileWatched() };
  return { broker: brokerOf(cluster), tools: { admin, clock, known: [], clusterArgs: '' }, deleted, forgotten };
}

test('refuses to delete a group whose commits advance without a connected client, as through a proxy', async () => {
  let offset = 5n;
  let isConsuming = false;
  const { broker, tools, deleted } = twoBrokers(() => {
    if (!isConsuming) return;
    offset += 1n;
    broker.commits = [commit('billing', offset)];
  });
  broker.commits = [commit('billing', offset)];
  const codes = async () => {
    const { findings } = await planDeleteGroup(tools, 'billing', io);
    return findings.filter(({ severity }) => severity === 'critical').map(({ message }) => message);
  };
  expect(await codes()).toEqual([]);
  const { facts } = await planDeleteGroup(tools, 'billing', io);
  isConsuming = true;
  const unseen = 'consumes without being connected to the brokers, as through a proxy';
  expect(await codes()).toEqual([`group billing ${unseen}; stop its members first`]);
  await expect(deleteGroup.steps(facts, tools)[0]?.run(io)).rejects.toMatchObject({
    code: 'change-refused',
    message: `group billing is not deleted: it ${unseen}`,
  });
  expect(deleted).toEqual([]);
});

test('names unread messages in lite topics, whose offsets no backup has', async () => {
  const { broker, tools } = twoBrokers();
  broker.groups.set('agents', '{}');
  broker.commits = [commit('agents', 2n, '%LMQ%$orders$session-1')];
  broker.liteLags.set('agents', { group: 'agents', topic: 'orders', messages: 3 });
  const { findings } = await planDeleteGroup(tools, 'agents', io);
  expect(findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)).toEqual([
    'warning lite-messages-unread: group agents has unread messages in orders (lite topics): 3. Backups do not contain its offsets there: let its members read them first',
    'info what-is-lost: lost: the offsets of agents in orders (lite topics), and the messages in its retry and dead-letter topics (0)',
  ]);
});

test('deletes the POP retry topics of the group, and keeps those of other groups', async () => {
  const { broker, tools, deleted, forgotten } = twoBrokers();
  const own = ['%RETRY%a+orders', '%RETRY%a_orders'];
  const others = ['%RETRY%a_b', '%RETRY%a_c_d', '%RETRY%a_unread'];
  for (const name of [...own, ...others]) {
    broker.topics.set(name, topicOf(name));
    store(broker, name);
  }
  for (const group of ['a', 'a_b', 'a_c']) broker.groups.set(group, '{}');
  broker.commits = [
    ...['orders', 'b', 'c_d', ...own].map((topic) => commit('a', 0n, topic)),
    commit('a_c', 0n, 'd'),
    commit('a_b', 0n, '%RETRY%a_b'),
  ];
  const { facts, findings } = await planDeleteGroup(tools, 'a', io);
  expect(facts.popRetryTopics).toEqual(own);
  expect(findings.find(({ code }) => code === 'what-is-lost')?.message).toContain('dead-letter topics (2)');
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
  await deleteGroup.steps(facts, tools)[0]?.run(io);
  const topics = ['%RETRY%a', '%DLQ%a', ...own];
  expect(deleted).toEqual(['a', ...topics].map((name) => `b:1 ${name}`));
  expect(forgotten).toEqual(topics);
});
