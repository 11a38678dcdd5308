import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import type { Step } from '../../../../ops/change/step.ts';
import { nameServers } from '../../../../ops/rocketmq/name-servers/name-servers.ts';
import { planNameServers } from '../../../../ops/rocketmq/name-servers/plan-name-servers.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../../../ops/rocketmq/scale-in/scale-in.ts';
import { brokerSettings } from '../../../../ops/rocketmq/settings/broker-settings.ts';
import { planBrokerSettings } from '../../../../ops/rocketmq/settings/plan-broker-settings.ts';
import { defineTopic } from '../../../../ops/rocketmq/topics/define-topic.ts';
import { planAlterTopic } from '../../../../ops/rocketmq/topics/plan-define-topic.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { travel } from '../../../support/change-journey.ts';
import { fakeBroker, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { brokerOf, pair, plan as planQueues, shown } from '../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };
const [first, second] = ['ns1:9876', 'ns2:9876'];

/** A broker whose host got another address. */
function move(cluster: FakeCluster, from: string, to: string) {
  const broker = brokerOf(cluster, from);
  cluster.brokers.delete(from);
  cluster.brokers.set(to, broker);
}

function toolsOf({ desk }: FakeCluster, gone: readonly string[] = []) {
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...desk };
  return { admin, clock: systemClock, known: [], clusterArgs: '', gone };
}

async function undo<Facts>([step]: readonly Step<Facts>[]) {
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  return inEnglish(await step.undo.run?.(io));
}

async function changedSettings(cluster: FakeCluster) {
  const spec = { brokers: [], set: { fileReservedTime: '96' }, acceptReaders: false };
  const { facts } = await planBrokerSettings(toolsOf(cluster), spec, io);
  await brokerSettings.steps(facts, toolsOf(cluster))[0]?.run(io);
  return facts;
}

const hoursOf = (cluster: FakeCluster) =>
  Array.from(cluster.brokers, ([address, { settings }]) => `${address} ${settings.get('fileReservedTime')}`);

test('restores settings at the new address of a broker that moved', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  move(cluster, 'b:1', 'b:2');
  expect(await undo(brokerSettings.steps(facts, toolsOf(cluster)))).toEqual([
    'broker-a:0: fileReservedTime=72',
    'b:1 does not answer; broker-b:0 may still have fileReservedTime=96 there',
    'broker-b:0: fileReservedTime=72',
  ]);
  expect(hoursOf(cluster)).toEqual(['a:1 72', 'b:2 72']);
});

test('does not change settings of another broker at the planned address', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  move(cluster, 'b:1', 'b:2');
  cluster.brokers.set('b:1', fakeBroker('broker-c', { settings: new Map([['fileReservedTime', '96']]) }));
  await undo(brokerSettings.steps(facts, toolsOf(cluster)));
  expect(hoursOf(cluster)).toEqual(['a:1 72', 'b:2 72', 'b:1 96']);
  move(cluster, 'b:2', 'b:3');
  await brokerSettings.steps(facts, toolsOf(cluster))[0]?.run(io);
  expect(hoursOf(cluster)).toEqual(['a:1 96', 'b:1 96', 'b:3 96']);
});

test('restores two brokers that swapped addresses', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  move(cluster, 'b:1', 'spare');
  move(cluster, 'a:1', 'b:1');
  move(cluster, 'spare', 'a:1');
  await undo(brokerSettings.steps(facts, toolsOf(cluster)));
  expect(hoursOf(cluster).toSorted()).toEqual(['a:1 72', 'b:1 72']);
});

test('a moved broker receives the name server list at its new address, and counts as registered there', async () => {
  const cluster = pair();
  const planned = await planNameServers(cluster.desk, { add: second }, io);
  const trip = await travel(cluster, nameServers, planned, {
    events: [
      [5, () => move(cluster, 'b:1', 'b:2')],
      [10, () => void cluster.servers.add(second)],
    ],
  });
  expect(trip.arrival).toEqual({ kind: 'done' });
  const listOf = () => brokerOf(cluster, 'b:2').settings.get('namesrvAddr');
  expect(listOf()).toBe(`${first};${second}`);
  await trip.back();
  expect(listOf()).toBe(first);
});

test('a rollback completes without a broker marked as gone, and prints its former settings', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  brokerOf(cluster).isUp = false;
  await expect(undo(brokerSettings.steps(facts, toolsOf(cluster)))).rejects.toMatchObject({
    code: 'broker-unreachable',
    hint: 'once they answer, --abort again restores the rest; without a broker that never returns, it ends with --gone: broker-b:0',
  });
  expect(await undo(brokerSettings.steps(facts, toolsOf(cluster, ['broker-b:0'])))).toEqual([
    'broker-a:0: as before',
    'broker-b:0 is not restored (--gone): cannot reach b:1: connection refused. What it has now is unknown; before this change it had fileReservedTime=72. If it returns, restore that by hand',
  ]);
});

test('a name of --gone that matches no broker of the change restores nothing, and names the closest', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  for (const name of ['borker-b:0', 'broker-b:1', 'broker']) {
    await expect(undo(brokerSettings.steps(facts, toolsOf(cluster, ['broker-a', name])))).rejects.toMatchObject({
      code: 'not-found',
      message: `--gone ${name}: this change restores no such broker, only broker-a:0, broker-b:0`,
      hint: name === 'borker-b:0' ? 'did you mean broker-b:0?' : (expect.any(String) as string),
    });
  }
  expect(hoursOf(cluster)).toEqual(['a:1 96', 'b:1 96']);
});

/** The leader dies, b:2 is elected, and the former leader returns at b:9 with an id that it has as a follower. */
function electAnother(cluster: FakeCluster, returns: boolean) {
  const former = brokerOf(cluster);
  cluster.brokers.delete('b:1');
  Object.assign(brokerOf(cluster, 'b:2'), { brokerId: 0 });
  if (returns) cluster.brokers.set('b:9', { ...former, brokerId: 3 });
}

test('a former leader that has another id and address is restored', async () => {
  const cluster = pair();
  cluster.brokers.set('b:2', fakeBroker('broker-b', { brokerId: 2 }));
  const facts = await changedSettings(cluster);
  electAnother(cluster, true);
  await undo(brokerSettings.steps(facts, toolsOf(cluster)));
  expect(hoursOf(cluster)).toEqual(['a:1 72', 'b:2 72', 'b:9 72']);
});

test('an elected member that the change left out is not taken for the former leader', async () => {
  const cluster = pair();
  const settings = new Map([...brokerOf(cluster).settings, ['fileReservedTime', '96']]);
  cluster.brokers.set('b:2', fakeBroker('broker-b', { brokerId: 2, settings }));
  const facts = await changedSettings(cluster);
  electAnother(cluster, false);
  await expect(undo(brokerSettings.steps(facts, toolsOf(cluster)))).rejects.toThrow('cannot reach b:1');
  expect(hoursOf(cluster)).toEqual(['a:1 72', 'b:2 96']);
});

test('restores a broker that is marked as gone but answers', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  await undo(brokerSettings.steps(facts, toolsOf(cluster, ['broker-a', 'broker-b'])));
  expect(hoursOf(cluster)).toEqual(['a:1 72', 'b:1 72']);
});

test('the rollback stays incomplete while a broker that is not marked as gone does not answer', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  brokerOf(cluster).isUp = false;
  await expect(undo(brokerSettings.steps(facts, toolsOf(cluster, ['broker-a'])))).rejects.toMatchObject({
    code: 'broker-unreachable',
  });
});

const slow = new AppError('broker-unreachable', 'b:1 did not answer within 10 s');
const refuses = new AppError('credentials-refused', 'b:1 refused access');

test.each([slow, refuses])('does not give up a broker that a name server lists: $message', async (fault) => {
  const settled = pair();
  const facts = await changedSettings(settled);
  const grown = pair();
  const growth = await travel(grown, queues, await planQueues(grown));
  for (const cluster of [settled, grown]) {
    cluster.fault = (question) => {
      if (question.endsWith(' b:1')) throw fault;
    };
  }
  const given = (name: string) => ({
    code: fault.code,
    message: expect.stringContaining(
      `${fault.message}; ${name} is listed by a name server, so --gone does not give it up`,
    ) as string,
    hint: expect.not.stringContaining('it ends with --gone') as string,
  });
  await expect(undo(brokerSettings.steps(facts, toolsOf(settled, ['broker-b'])))).rejects.toMatchObject(
    given('broker-b:0'),
  );
  await expect(growth.back(['broker-b'])).rejects.toMatchObject(given('broker-b'));
  expect(growth.state.status).not.toBe('rolled-back');
});

test('without a name server, gives up a broker that does not answer, but not one that refuses access', async () => {
  const cluster = pair();
  const facts = await changedSettings(cluster);
  cluster.servers.clear();
  const back = async (fault: AppError) => {
    cluster.fault = (question) => {
      if (question.endsWith(' b:1')) throw fault;
    };
    return await undo(brokerSettings.steps(facts, toolsOf(cluster, ['broker-b'])));
  };
  await expect(back(refuses)).rejects.toMatchObject({ code: 'credentials-refused' });
  expect(await back(slow)).toContainEqual(expect.stringContaining('broker-b:0 is not restored (--gone)'));
});

test('the error of a change without --gone does not suggest that option', async () => {
  const cluster = pair();
  const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: true };
  const { facts } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  brokerOf(cluster).isUp = false;
  const [close] = scaleIn.steps(facts, { desk: cluster.desk, clock: systemClock });
  await expect(undo(close === undefined ? [] : [close])).rejects.toMatchObject({
    hint: 'once they answer, --abort again restores the rest',
  });
});

test('the rollback of a new topic completes without a lost master whose slave keeps the route', async () => {
  const cluster = pair();
  cluster.brokers.set('b:9', fakeBroker('broker-b', { brokerId: 1 }));
  const after = topicOf('fresh');
  const brokers = ['broker-a', 'broker-b'].map((brokerName) => ({
    brokerName,
    address: `${brokerName.at(-1)}:1`,
    after,
  }));
  brokerOf(cluster).isUp = false;
  const route: typeof cluster.desk.route = async () => ({
    queues: [{ brokerName: 'broker-b', readQueues: 2, writeQueues: 2, permission: 'rw' }],
    brokers: [],
  });
  const tools = toolsOf(cluster, ['broker-b']);
  const lines = await undo(
    defineTopic.steps({ topic: 'fresh', brokers }, { ...tools, admin: { ...tools.admin, route } }),
  );
  expect(lines).toEqual([
    'broker-a: as before',
    'broker-b is not restored (--gone): broker broker-b has no master now. What it has now is unknown; before this change it had no topic fresh. If it returns, restore that by hand',
    'ns1:9876: broker-b is not restored (--gone), and the route of fresh stays',
  ]);
});

test('changes of topics, queues, name servers and permissions complete without a broker that is gone', async () => {
  const grown = pair();
  const growth = await travel(grown, queues, await planQueues(grown));
  brokerOf(grown).isUp = false;
  await expect(growth.back()).rejects.toMatchObject({ code: 'broker-unreachable' });
  await growth.back(['broker-b']);
  expect([growth.state.status, shown(grown)[0]]).toEqual(['rolled-back', '2/2']);

  const registered = pair();
  registered.servers.add(second);
  const added = await travel(registered, nameServers, await planNameServers(registered.desk, { add: second }, io));
  brokerOf(registered).isUp = false;
  await added.back(['broker-b']);
  expect(added.state.status).toBe('rolled-back');

  const closed = pair();
  const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: true };
  const trip = await travel(closed, scaleIn, await planScaleIn(closed.desk, spec, new Date(0), io));
  brokerOf(closed).isUp = false;
  await trip.back(['broker-b']);
  expect(trip.state.log.map(({ says }) => says).join('\n')).toContain(
    'broker-b:0 is not restored (--gone): cannot reach b:1: connection refused. What it has now is unknown; before this change it had brokerPermission=6',
  );

  const altered = pair();
  const { facts } = await planAlterTopic(
    toolsOf(altered),
    { topic: 'orders', brokers: [], attributes: {}, permission: 4 },
    io,
  );
  await defineTopic.steps(facts, toolsOf(altered))[0]?.run(io);
  brokerOf(altered).isUp = false;
  expect(await undo(defineTopic.steps(facts, toolsOf(altered, ['broker-b'])))).toContainEqual(
    expect.stringContaining('before this change it had orders with read queues 2, write queues 2, read and write'),
  );
});

test('a member that dies after it was closed does not block draining the others', async () => {
  const cluster = pair();
  cluster.brokers.set('b:9', fakeBroker('broker-b', { brokerId: 1 }));
  const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: true };
  const trip = await travel(cluster, scaleIn, await planScaleIn(cluster.desk, spec, new Date(0), io), {
    events: [[5, () => void (brokerOf(cluster, 'b:9').isUp = false)]],
  });
  expect(trip.arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [{ what: 'broker-b:0 at b:1 still answers: stop it' }],
  });
});

test.each([
  [5, 'see-quiet'],
  [40, 'see-read'],
])(
  'does not drain a slave that lacks messages of its master, which died after %i s: held in %s',
  async (second, step) => {
    const cluster = pair();
    cluster.brokers.set('b:9', fakeBroker('broker-b', { brokerId: 1 }));
    const master = brokerOf(cluster);
    master.ends.set('orders 0', 9n);
    master.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, 4n]]) }];
    const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: true };
    const trip = await travel(cluster, scaleIn, await planScaleIn(cluster.desk, spec, new Date(0), io), {
      events: [
        [second, () => void (master.isUp = false)],
        [90, () => void (brokerOf(cluster, 'b:9').isUp = false)],
      ],
    });
    expect(trip.arrival).toMatchObject({ kind: 'held', step, holds: [{ what: 'broker broker-b has no master now' }] });
  },
);

test('detects a rarely sending producer although the newly elected master lacked messages', async () => {
  const cluster = pair();
  const master = brokerOf(cluster);
  const follower = fakeBroker('broker-b', { brokerId: 1 });
  cluster.brokers.set('b:9', follower);
  master.ends.set('orders 0', 9n);
  const spec = { brokerName: 'broker-b', quietSeconds: 40, ignoredGroups: [], giveUpReplay: true };
  const elect = () => {
    master.isUp = false;
    follower.brokerId = 0;
    store(follower, 'orders');
    follower.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, 9n]]) }];
  };
  const trip = await travel(cluster, scaleIn, await planScaleIn(cluster.desk, spec, new Date(0), io), {
    wait: 60,
    events: [
      [20, elect],
      [55, () => store(follower, 'orders')],
    ],
  });
  expect(trip.said).toContain('10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders');
});

/** Another broker, with its own accounts, has the address that a member had when the change was planned. */
function refuseFormer(cluster: FakeCluster) {
  move(cluster, 'b:1', 'b:2');
  cluster.brokers.set('b:1', fakeBroker('broker-x', { settings: new Map() }));
  cluster.fault = (question) => {
    if (question.endsWith(' b:1')) throw new AppError('credentials-refused', 'b:1 refused access');
  };
}

test('a former address that refuses access blocks neither the scale-in nor its rollback', async () => {
  const spec = { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay: true };
  const cluster = pair();
  const planned = await planScaleIn(cluster.desk, spec, new Date(0), io);
  const trip = await travel(cluster, scaleIn, planned, {
    events: [
      [40, () => refuseFormer(cluster)],
      [60, () => void (brokerOf(cluster, 'b:2').isUp = false)],
    ],
  });
  expect(trip.fault).toBeUndefined();
  expect(trip.arrival).toEqual({ kind: 'done' });
  brokerOf(cluster, 'b:2').isUp = true;
  await trip.back();
  expect(brokerOf(cluster, 'b:2').settings.get('brokerPermission')).toBe('6');
  expect(trip.state.log.map(({ says }) => says)).toContain(
    'b:1 refuses access, as another broker may; broker-b:0 may still have brokerPermission=4 there',
  );
});
