import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { defineGroup } from '../../../../../ops/rocketmq/groups/define-group.ts';
import { planDefineGroup } from '../../../../../ops/rocketmq/groups/plan-define-group.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster } from '../../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };
const definition = (over: object = {}) =>
  JSON.stringify({ groupName: 'billing', consumeEnable: true, retryQueueNums: 1, retryMaxTimes: 16, ...over });

function twoBrokers(groups = () => new Map([['billing', definition()]])) {
  const cluster = fakeCluster({
    'a:1': fakeBroker('broker-a', { groups: groups() }),
    'b:1': fakeBroker('broker-b', { groups: groups() }),
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...cluster.desk,
    deleteGroup: async (address: string, group: string) => void cluster.brokers.get(address)?.groups.delete(group),
  };
  return {
    cluster,
    tools: { admin, clock: systemClock, clusterArgs: '', known: [] },
    set: (address: string, text: string) => void cluster.brokers.get(address)?.groups.set('billing', text),
    shown: () => Array.from(cluster.brokers.values(), ({ groups }) => groups.get('billing')),
  };
}

test.each([
  {
    what: 'a field that others set since, and names the broker',
    since: definition({ retryMaxTimes: 9 }),
    after: definition({ retryMaxTimes: 9 }),
    text: 'broker-b: others changed group billing, and it stays as it is',
  },
  {
    what: 'other fields that others set since',
    since: definition({ retryMaxTimes: 3, consumeEnable: false }),
    after: definition({ consumeEnable: false }),
    text: 'broker-b: as before',
  },
])('a rollback keeps $what', async ({ since, after, text }) => {
  const { tools, set, shown } = twoBrokers();
  const spec = { group: 'billing', action: 'alter' as const, brokers: [], set: { retryMaxTimes: '3' } };
  const { facts } = await planDefineGroup(tools, spec, io);
  const [step] = defineGroup.steps(facts, tools);
  await step?.run(io);
  set('b:1', since);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['broker-a: as before', text]);
  expect(shown()).toEqual([definition(), after]);
});

test.each([
  { action: 'alter' as const, groups: undefined, after: [definition(), definition()] },
  { action: 'create' as const, groups: () => new Map<string, string>(), after: [undefined, undefined] },
])(
  'restores the former state if a broker applies the request to $action differently',
  async ({ action, groups, after }) => {
    const { tools, shown } = twoBrokers(groups);
    const { admin } = tools;
    const { defineGroup: define } = admin;
    admin.defineGroup = (address, { name, definition: text }, now, within) =>
      define(address, { name, definition: text.replace('"retryMaxTimes":99', '"retryMaxTimes":32') }, now, within);
    const spec = { group: 'billing', action, brokers: [], set: { retryMaxTimes: '99' } };
    const { facts } = await planDefineGroup(tools, spec, io);
    const [step] = defineGroup.steps(facts, tools);
    await expect(step?.run(io)).rejects.toThrow('broker-a took the definition of group billing and has another one');
    expect(shown()).toEqual(after);
  },
);

test('altering and restoring a group keeps its attributes', async () => {
  const attributes = { 'priority.factor': '50' };
  const { tools, shown } = twoBrokers(() => new Map([['billing', definition({ attributes })]]));
  const spec = { group: 'billing', action: 'alter' as const, brokers: [], set: { retryMaxTimes: '3' } };
  const { facts } = await planDefineGroup(tools, spec, io);
  const [step] = defineGroup.steps(facts, tools);
  await step?.run(io);
  const altered = definition({ retryMaxTimes: 3, attributes });
  expect(shown()).toEqual([altered, altered]);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['broker-a: as before', 'broker-b: as before']);
  expect(shown()).toEqual([definition({ attributes }), definition({ attributes })]);
});

test('a new group is not created in every cluster of the name servers', async () => {
  const { tools, cluster } = twoBrokers(() => new Map<string, string>());
  cluster.brokers.get('b:1')?.settings.set('brokerClusterName', 'finance');
  const spec = { group: 'billing', action: 'create' as const, brokers: [], set: {} };
  await expect(planDefineGroup(tools, spec, io)).rejects.toMatchObject({
    code: 'usage',
    message: 'cannot create group billing: the name servers serve several clusters: finance, lab',
  });
  const { facts } = await planDefineGroup(tools, { ...spec, brokers: ['broker-a'] }, io);
  expect(facts.brokers.map(({ brokerName }) => brokerName)).toEqual(['broker-a']);
});

test.each([
  { queues: 1, to: '4', codes: ['retries-unread'] },
  { queues: 4, to: '4', codes: [] },
])(
  'warns about retry queues that the retry topic does not have: $queues queues, retryQueueNums=$to',
  async ({ queues, to, codes }) => {
    const { tools, cluster } = twoBrokers();
    const retries = topicOf('%RETRY%billing', { readQueues: queues, writeQueues: queues });
    cluster.brokers.get('b:1')?.topics.set(retries.name, retries);
    const spec = { group: 'billing', action: 'alter' as const, brokers: [], set: { retryQueueNums: to } };
    const { findings } = await planDefineGroup(tools, spec, io);
    expect(findings.map(({ code }) => code)).toEqual(codes);
  },
);

test('alters another field of a group although its retry topic has too few queues', async () => {
  const { tools, cluster } = twoBrokers(() => new Map([['billing', definition({ retryQueueNums: 4 })]]));
  cluster.brokers.get('b:1')?.topics.set('%RETRY%billing', topicOf('%RETRY%billing'));
  const spec = { group: 'billing', action: 'alter' as const, brokers: [], set: { retryMaxTimes: '3' } };
  expect((await planDefineGroup(tools, spec, io)).findings).toEqual([]);
});

test('altering a group to its present values takes no step', async () => {
  const { tools } = twoBrokers();
  const { retryMaxTimes } = JSON.parse(definition()) as { retryMaxTimes: number };
  const spec = {
    group: 'billing',
    action: 'alter' as const,
    brokers: [],
    set: { retryMaxTimes: String(retryMaxTimes) },
  };
  const { facts, findings } = await planDefineGroup(tools, spec, io);
  expect(findings.map(({ code }) => code)).toEqual(['nothing-to-do']);
  expect(defineGroup.steps(facts, tools)).toEqual([]);
});
