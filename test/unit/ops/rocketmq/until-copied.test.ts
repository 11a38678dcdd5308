import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { RocketmqTools } from '../../../../ops/rocketmq/administration.ts';
import { defineGroup } from '../../../../ops/rocketmq/groups/define-group.ts';
import { deleteGroup } from '../../../../ops/rocketmq/groups/delete-group.ts';
import { planDefineGroup } from '../../../../ops/rocketmq/groups/plan-define-group.ts';
import { defineTopic } from '../../../../ops/rocketmq/topics/define-topic.ts';
import { deleteTopic } from '../../../../ops/rocketmq/topics/delete-topic.ts';
import { planAlterTopic } from '../../../../ops/rocketmq/topics/plan-define-topic.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };
const brokers = [{ brokerName: 'broker-a', address: 'a:1' }];

test.each([
  {
    what: 'orders and has read queues 2, write queues 2, read and write',
    async steps(tools: RocketmqTools) {
      const spec = { topic: 'orders', brokers: [], permission: 4, attributes: {} };
      return defineTopic.steps((await planAlterTopic(tools, spec, io)).facts, tools);
    },
  },
  {
    what: 'group billing and has retryMaxTimes=16',
    async steps(tools: RocketmqTools) {
      const spec = { group: 'billing', action: 'alter' as const, brokers: [], set: { retryMaxTimes: '3' } };
      return defineGroup.steps((await planDefineGroup(tools, spec, io)).facts, tools);
    },
  },
  {
    what: 'the deletion of orders and has it',
    async steps(tools: RocketmqTools) {
      const facts = { topic: 'orders', brokers: brokers.map((each) => ({ ...each, queues: 2, ends: [] })) };
      return deleteTopic.steps({ ...facts, acceptWrites: false }, tools);
    },
  },
  {
    what: 'the deletion of group billing and has billing',
    steps: async (tools: RocketmqTools) => deleteGroup.steps({ group: 'billing', brokers }, tools),
  },
])('a change is not done while a follower that may be elected has not copied $what', async ({ what, steps }) => {
  const definition = JSON.stringify({ groupName: 'billing', retryQueueNums: 1, retryMaxTimes: 16 });
  const member = (brokerId: number) => fakeBroker('broker-a', { brokerId, groups: new Map([['billing', definition]]) });
  const [leader, follower] = [member(0), member(2)];
  leader.settings.set('enableDLegerCommitLog', 'true');
  leader.runtime.set('brokerVersionDesc', 'V5_3_3');
  const { desk } = fakeCluster({ 'a:1': leader, 'a:2': follower });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...desk,
    deleteTopic: async (_: string, topic: string) => void leader.topics.delete(topic),
    deleteGroup: async (_: string, group: string) => void leader.groups.delete(group),
    forgetTopic: async () => undefined,
  };
  const [step] = await steps({ admin, clock: systemClock, known: [], clusterArgs: '' });
  const blocker = { what: `broker-a:2 at a:2 has not copied ${what}`, until: expect.any(Date) as Date };
  expect(await step?.run(io)).toMatchObject({ kind: 'held', holds: [blocker] });

  follower.topics = new Map(leader.topics);
  follower.groups = new Map(leader.groups);
  expect(await step?.run(io)).toMatchObject({ kind: 'done' });
});

test('a client that joins while followers still have the deleted group does not make it count as not deleted', async () => {
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const { desk } = fakeCluster({ 'a:1': fakeBroker('broker-a') });
  const connections = async () => ({ kind: 'online', clients: [{ clientId: 'app-1' }] }) as never;
  const admin = { ...openRocketmqAdministration('lab', config), ...desk, connections };
  const run = async (setAt?: string) =>
    deleteGroup
      .steps({ group: 'billing', brokers, setAt }, { admin, clock: systemClock, known: [], clusterArgs: '' })[0]
      ?.run(io);
  await expect(run()).rejects.toThrow('group billing is not deleted: app-1 joined it');
  await expect(run('2026-11-11T00:00:00.000Z')).rejects.toThrow(
    'group billing was deleted on the masters and is in use again: app-1 joined it',
  );
});

test('the step that deletes a group keeps the Chinese text that approvals of earlier versions signed', async () => {
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...fakeCluster({}).desk };
  const [step] = deleteGroup.steps(
    { group: 'billing', brokers },
    { admin, clock: systemClock, known: [], clusterArgs: '' },
  );
  expect(step?.zh).toBe('删除消费组 billing、其位点以及 Topic %RETRY%billing, %DLQ%billing');
});
