import { blocker } from '../../../../ops/change/step.ts';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import type { Step } from '../../../../ops/change/step.ts';
import type { InstanceFacts, InstanceTools } from '../../../../ops/instances/facts.ts';
import { awaitHealthy, awaitHealthyBothWays } from '../../../../ops/instances/gate-steps.ts';
import { seeCluster } from '../../../../app/instances/plan-rolling.ts';
import { awaitMembers } from '../../../../ops/instances/install/await-members.ts';
import { kafkaGate } from '../../../../ops/instances/kafka-gate.ts';
import { rocketmqBlockers } from '../../../../ops/instances/rocketmq-gate.ts';
import { instanceToolsWith } from '../../../support/instance-tools.ts';

const target = DesiredInstance.parse({
  cluster: 'orders',
  host: 'mq-1',
  role: 'kafka-broker',
  broker: '1',
  supervisord: { program: 'kafka' },
});
const facts: InstanceFacts = { action: 'roll', order: [{ name: 'orders-1', target, wasRunning: true }], marks: {} };
const io = { signal: new AbortController().signal };

function tools(closed: string[]): InstanceTools {
  return instanceToolsWith({
    gate: {
      ...kafkaGate('orders', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
      baseline: async () => ({ brokers: ['1'], lags: {} }),
      blockers: async () => [],
    },
    windowBlockers: async () => closed.map((what) => blocker(what)),
  });
}
const outcome = async (known: InstanceFacts, closed: string[], before?: string) => {
  const step = awaitHealthy(before, known, tools(closed));
  const run = await step.run(io);
  return [step.description, run.kind, run.kind === 'held' ? run.holds.map(({ what }) => what) : []];
};

test('a roll that waits for safe windows is held before each stop while no window is open', async () => {
  expect(await outcome({ ...facts, when: 'safe' }, ['load'], 'orders-1')).toEqual([
    'wait until the cluster is healthy and a safe window is open, before orders-1 is stopped',
    'held',
    ['load'],
  ]);
  expect((await outcome({ ...facts, when: 'safe' }, [], 'orders-1'))[1]).toBe('done');
});

test('the end of a roll, and a roll at any time, do not wait for a window', async () => {
  expect((await outcome({ ...facts, when: 'safe' }, ['load']))[1]).toBe('done');
  expect((await outcome(facts, ['load'], 'orders-1'))[1]).toBe('done');
});

/** An upgrade of two controllers; `bad` is not healthy on its new version. */
async function rolledBack(bad: string) {
  const order = ['c1', 'c2'].map((name) => ({ name, target, wasRunning: true }));
  const upgrade: InstanceFacts = { action: 'upgrade', order, marks: {} };
  const journal = newJournal(
    { cluster: 'orders', change: 'instances-upgrade', subject: 'orders', facts: upgrade },
    new Date(0),
  );
  const upgraded = new Set<string>();
  const undone: string[] = [];
  const isHealthy = () => !upgraded.has(bad);
  const { gate, ...others } = tools([]);
  const own: InstanceTools = {
    ...others,
    gate: {
      ...gate,
      async blockers() {
        undone.push('health');
        return isHealthy() ? [] : [blocker(`controllers lagging behind the quorum: ${bad}`)];
      },
    },
  };
  const switched = (name: string): Step<InstanceFacts> => ({
    id: `stop-${name}`,
    by: 'plimsoll',
    description: `stop ${name}`,
    zh: `停止 ${name}`,
    async run() {
      upgraded.add(name);
      return { kind: 'done', evidence: [] };
    },
    undo: {
      description: `start ${name} as it was`,
      zh: `启动 ${name}`,
      async run() {
        upgraded.delete(name);
        undone.push(name);
        return [];
      },
    },
  });
  const steps = [
    ...order.flatMap((each) => [awaitHealthyBothWays(each, upgrade, own), switched(each.name)]),
    awaitHealthy(undefined, upgrade, own),
  ];
  const change = { save: async () => {}, check: async () => {}, tell: () => {}, ...io };
  const arrival = await carryOut({ ...change, journal, steps, clock: systemClock, abortsWhenHeld: true });
  return { arrival: arrival.kind, undone: undone.slice(undone.lastIndexOf('health', undone.indexOf('c1') - 1)) };
}

test('a rollback does not wait for health that only the rollback restores', async () => {
  expect(await rolledBack('c1')).toEqual({ arrival: 'rolled-back', undone: ['health', 'c1', 'health'] });
});

test('a rollback does not wait for the lag of groups, whose members may have left for good', async () => {
  const known: InstanceFacts = { ...facts, baseline: { brokers: ['1'], lags: { billing: 5 } } };
  const asked: unknown[] = [];
  const { gate, ...others } = tools([]);
  const blockers: typeof gate.blockers = async ({ lags }) => {
    asked.push(lags);
    return Object.keys(lags).map((name) => blocker(`group ${name} has a lag`));
  };
  const { undo } = awaitHealthyBothWays({ name: 'orders-1' }, known, { ...others, gate: { ...gate, blockers } });
  expect('run' in undo && (await undo.run?.(io))).toMatchObject([{ en: 'the cluster is healthy' }]);
  expect(asked).toEqual([{}]);
});

test('a roll of RocketMQ waits for all replicas that should run, even those that were down before', async () => {
  const own = (role: string, broker: string, more: object = {}) =>
    DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role, broker, supervisord: { program: broker }, ...more });
  const master = own('rocketmq-master', 'a:0');
  const all = {
    a0: master,
    a1: own('rocketmq-slave', 'a:1'),
    a2: own('rocketmq-slave', 'a:2', { desired: 'stopped' }),
    n0: own('rocketmq-dledger', 'n:0'),
    b1: own('rocketmq-slave', 'b:1', { cluster: 'bills' }),
  };
  const { gate, ...others } = tools([]);
  const seen: InstanceTools = {
    ...others,
    all,
    gate: { ...gate, baseline: async () => ({ brokers: ['a:0'], lags: {} }), findRefusedSends: async () => [] },
  };
  const order = [{ name: 'a0', target: master, wasRunning: true }];
  const brokersOf = async (action: 'roll' | 'stop') =>
    (await seeCluster({ action, order }, seen, io)).baseline?.brokers;
  expect([await brokersOf('roll'), await brokersOf('stop')]).toEqual([['a:0', 'a:1'], ['a:0']]);
});

test('a roll of DLedger waits for a member that the name servers dropped before the roll', async () => {
  const all = Object.fromEntries(
    ['n0', 'n1', 'n2'].map((id) => {
      const service = { broker: `n:${id}`, supervisord: { program: id } };
      return [id, DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'rocketmq-dledger', ...service })];
    }),
  );
  // The leader has the id 0, and each follower the id of its place plus one.
  const brokers = ['n:0', 'n:2'];
  const server = { address: 'ns1:9876', reachable: true, brokers };
  const { gate, ...others } = tools([]);
  const seen: InstanceTools = {
    ...others,
    all,
    gate: {
      ...gate,
      baseline: async () => ({ brokers, lags: {} }),
      findRefusedSends: async () => [],
      blockers: async (before) =>
        rocketmqBlockers(before, { nameServers: [server], brokers: [], syncStateSets: [], sections: [] }),
    },
  };
  const order = Object.entries(all).map(([name, each]) => ({ name, target: each, wasRunning: true }));
  const what = 'name server ns1:9876 lists 2 of 3 brokers of n (n:0, n:2)';
  expect((await seeCluster({ action: 'roll', order }, seen, io)).holds).toMatchObject([{ what }]);
  server.brokers = ['n:0', 'n:2', 'n:3'];
  expect((await seeCluster({ action: 'roll', order }, seen, io)).holds).toEqual([]);
});

test('an installation into a running cluster ends once the cluster lists the new broker', async () => {
  const added = DesiredInstance.parse({ ...target, broker: '4' });
  const { gate, ...others } = tools([]);
  const listing = (brokers: string[]) =>
    awaitMembers(
      { ...facts, action: 'install', order: [{ name: 'orders-4', target: added, wasRunning: false }] },
      { ...others, gate: { ...gate, baseline: async () => ({ brokers, lags: {} }) } },
    ).run(io);
  expect(await listing(['1', '2', '3'])).toMatchObject({ holds: [{ what: 'the cluster does not list 4' }] });
  expect(await listing(['1', '2', '3', '4'])).toMatchObject({ kind: 'done' });
});

test('a rollback of two instances waits until the cluster is healthy after the last one', async () => {
  const { arrival, undone } = await rolledBack('c2');
  expect(arrival).toBe('rolled-back');
  expect(undone).toEqual(['health', 'c1', 'health']);
});
