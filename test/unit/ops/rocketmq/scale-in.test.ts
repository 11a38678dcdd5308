import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { createSteppedClock } from '../../../support/stepped-clock.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { io, spec, pair, journeyOf, travel } from '../../../support/scale-in.ts';

test('a quiet broker whose messages are all read is closed and waits for its operator', async () => {
  const cluster = pair();
  const { arrival, journey } = await travel(cluster);
  expect(arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [{ what: 'broker-b:0 at b:1 still answers: stop it' }],
  });
  expect(cluster.brokers.get('b:1')?.settings.get('brokerPermission')).toBe('4');
  expect(journey.journal.steps.filter(({ doneAt }) => doneAt !== undefined).map(({ id }) => id)).toEqual([
    'close-writes',
    'see-closed',
    'see-quiet',
    'see-delivered',
    'see-read',
    'see-expired',
  ]);
});

test('removes the broker from the order configuration before it is closed, and an abort adds it again', async () => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values()) topics.set('paid', topicOf('paid', { order: true }));
  const ordered = () => cluster.orders.get('ns1:9876 paid');
  cluster.orders.set('ns1:9876 paid', 'broker-a:2;broker-b:2');
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(findings.map(({ code }) => code)).toContain('order-moves');
  const { journey } = await travel(cluster);
  expect(journey.journal.steps.slice(0, 2).map(({ id }) => id)).toEqual(['set-order-paid', 'close-writes']);
  expect(ordered()).toBe('broker-a:2');
  Object.assign(journey.journal, { direction: 'back', status: 'running' });
  expect(await carryOut(journey)).toEqual({ kind: 'rolled-back' });
  expect(ordered()).toBe('broker-a:2;broker-b:2');
  expect(cluster.brokers.get('b:1')?.settings.get('brokerPermission')).toBe('6');
});

test('saves each step before it begins', async () => {
  const { saved } = await travel(pair());
  const begun = saved.map(({ steps }) => steps.at(-1)).find((step) => step?.id === 'see-quiet');
  expect(begun).toMatchObject({ id: 'see-quiet', evidence: [] });
  expect(begun?.doneAt).toBeUndefined();
});

test('closes every member of the group, because a slave may become the master', async () => {
  const cluster = pair();
  cluster.brokers.set('b:2', fakeBroker('broker-b', { brokerId: 1 }));
  await travel(cluster);
  expect(cluster.brokers.get('b:2')?.settings.get('brokerPermission')).toBe('4');
});

test('names a client that still sends with its address, and restarts the quiet period', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const sending = cluster.desk.ends;
  let looks = 0;
  cluster.desk.ends = async (address, queues, within) => {
    if (address === 'b:1' && queues.some(({ topic }) => topic === 'orders') && looks++ < 6) store(broker, 'orders');
    return sending(address, queues, within);
  };
  const { said } = await travel(cluster, 200);
  expect(said.join('\n')).toContain('10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders');
});

test('messages that the broker delivers itself do not count as client messages', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const look = cluster.desk.ends;
  cluster.desk.ends = async (address, queues, within) => {
    if (address === 'b:1') store(broker, 'orders', { properties: Buffer.from('REAL_TOPIC\u0001orders\u0002') });
    return look(address, queues, within);
  };
  const { said } = await travel(cluster);
  expect(said.join('\n')).not.toContain('still sends');
});

test('reports that others reopened the broker', async () => {
  const cluster = pair();
  const clock = createSteppedClock();
  const { facts } = await planScaleIn(cluster.desk, spec, clock.now(), io);
  const { journey, said } = journeyOf(cluster, facts, clock);
  const arriving = carryOut(journey, seconds(30));
  await clock.advance(10);
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '6');
  await clock.advance(60);
  expect(await arriving).toMatchObject({ kind: 'held', step: 'see-quiet' });
  expect(said.join('\n')).toContain('another tool or person set brokerPermission=6 on b:1');
});

test('a group with unread messages holds the scale-in, until the end of the retention if it is offline', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.ends.set('orders 0', 100n);
  broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, 60n]]) }];
  const clock = createSteppedClock();
  const { facts } = await planScaleIn(cluster.desk, { ...spec, giveUpReplay: false }, clock.now(), io);
  const { arrival } = await travel(cluster, 100, facts);
  if (arrival?.kind !== 'held') throw new Error(arrival?.kind);
  expect(arrival.holds[0]?.what).toContain(
    'group billing has unread messages in orders: 40 (no client of it is online)',
  );
  expect((arrival.holds[0]?.until?.getTime() ?? 0) / 3_600_000).toBeCloseTo(72, 1);
});

test('an online group without commits has all messages unread', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.ends.set('orders 1', 7n);
  broker.online.set('billing', { clients: ['c1'], topics: ['orders'] });
  const what = 'group billing has unread messages in orders: 7 (clients online: 1)';
  expect((await travel(cluster)).arrival).toMatchObject({ holds: [{ what }] });
});

test('unread messages in lite topics hold the scale-in, which have no queues that are listed', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  for (const group of ['agents', 'readers']) broker.groups.set(group, '{}');
  broker.commits = ['agents', 'readers', 'deleted'].map((group) => ({
    topic: '%LMQ%$orders$session-1',
    group,
    byQueue: new Map([[0, 2n]]),
  }));
  broker.liteLags.set('agents', { group: 'agents', topic: 'orders', messages: 3 });
  broker.liteLags.set('readers', { group: 'readers', topic: 'orders', messages: 0 });
  const what = 'group agents has unread messages in orders (lite topics): 3 (no client of it is online)';
  const { holds } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(holds).toMatchObject([{ what }]);
  expect([...broker.groups.keys()]).not.toContain('deleted');
  expect((await planScaleIn(cluster.desk, { ...spec, ignoredGroups: ['agents'] }, new Date(0), io)).holds).toEqual([]);
  expect((await travel(cluster)).arrival).toMatchObject({
    holds: [{ what: expect.stringContaining(what) as unknown }],
  });
});

test('lite topics that no group has read hold the scale-in for the groups bound to their topic', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.topics.set('orders', topicOf('orders', { attributes: { 'message.type': 'LITE' } }));
  for (const group of ['agents', 'readers']) broker.groups.set(group, '{}');
  const lite = (topic: string) => ({ topic, group: 'readers', byQueue: new Map([[0, 1n]]) });
  broker.commits = [lite('%LMQ%$orders$session-1'), lite('%LMQ%$others$session-1')];
  broker.liteTopics.set('orders', { liteTopics: 3, groups: ['agents', 'readers'] });
  broker.ends.set('orders 1', 7n);
  const holdsFor = async (...ignoredGroups: string[]) => {
    const { holds = [] } = await planScaleIn(cluster.desk, { ...spec, ignoredGroups }, new Date(0), io);
    return holds.map((each) => each.what);
  };
  const what = `has unread messages in orders (lite topics that no group has read, some possibly expired): 2`;
  expect(await holdsFor('readers')).toEqual([`group agents ${what} (no client of it is online)`]);
  expect(await holdsFor('agents', 'readers')).toEqual([]);
  expect((await travel(cluster)).arrival).toMatchObject({
    holds: ['agents', 'readers'].map((group) => ({
      what: expect.stringContaining(`group ${group} ${what}`) as unknown,
    })),
  });
  broker.liteTopics.set('orders', { liteTopics: 1, groups: ['agents', 'readers'] });
  expect(await holdsFor()).toEqual([]);
});

test('lite topics whose messages have all expired do not hold the scale-in, although the broker still counts them', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.topics.set('orders', topicOf('orders', { attributes: { 'message.type': 'LITE' } }));
  broker.groups.set('agents', '{}');
  broker.liteTopics.set('orders', { liteTopics: 2, groups: ['agents'] });
  broker.ends.set('orders 1', 7n);
  expect((await planScaleIn(cluster.desk, spec, new Date(0), io)).holds).toHaveLength(1);
  cluster.desk.starts = async (_, queues) => queues.map(() => 7n);
  expect((await planScaleIn(cluster.desk, spec, new Date(0), io)).holds).toEqual([]);
});

test('an offline group that has read the topic only at other brokers has all messages unread, unless it was deleted', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.ends.set('orders 1', 7n);
  const other = cluster.brokers.get('a:1') ?? fakeBroker('');
  other.commits = ['billing', 'deleted'].map((group) => ({ topic: 'orders', group, byQueue: new Map([[0, 60n]]) }));
  const { facts, holds } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(facts.readers).toEqual([{ group: 'billing', topic: 'orders' }]);
  expect(holds).toHaveLength(1);
  const what = 'group billing has unread messages in orders: 7 (no client of it is online)';
  expect((await travel(cluster)).arrival).toMatchObject({
    holds: [{ what: expect.stringContaining(what) as unknown }],
  });
});

test('a broker that dies during the scale-in holds the change without ending it', async () => {
  const cluster = pair();
  const clock = createSteppedClock();
  const { facts } = await planScaleIn(cluster.desk, spec, clock.now(), io);
  const { journey } = journeyOf(cluster, facts, clock);
  const arriving = carryOut(journey, seconds(30));
  await clock.advance(3);
  const broker = cluster.brokers.get('b:1');
  if (broker) broker.isUp = false;
  await clock.advance(60);
  expect(await arriving).toMatchObject({
    kind: 'held',
    step: 'see-quiet',
    holds: [{ what: 'broker broker-b has no master now' }],
  });
});

test('a permission error stops the scale-in, names the step, and leaves the step begun', async () => {
  const cluster = pair();
  cluster.fault = (question) => {
    if (question === 'set b:1') throw new AppError('credentials-refused', 'b:1 refused');
  };
  const { fault, saved } = await travel(cluster);
  expect(fault?.message).toBe('scale-in of broker-b stopped in close-writes: b:1 refused');
  expect(saved.at(-1)?.status).toBe('running');
});

test('a rollback restores the former permission, not the default', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '2');
  const { journey, arrival } = await travel(cluster);
  expect(arrival).toBeDefined();
  expect(cluster.brokers.get('b:1')?.settings.get('brokerPermission')).toBe('0');
  journey.journal.direction = 'back';
  await carryOut(journey);
  expect(cluster.brokers.get('b:1')?.settings.get('brokerPermission')).toBe('2');
  expect(journey.journal.status).toBe('rolled-back');
});

test('a rollback restores every reachable broker, names the others, and completes once they answer', async () => {
  const slave = fakeBroker('broker-b', { brokerId: 1 });
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b'), 'b:2': slave });
  const { journey } = await travel(cluster);
  const master = cluster.brokers.get('b:1') ?? slave;
  const permissions = () => [master, slave].map(({ settings }) => settings.get('brokerPermission'));
  expect(permissions()).toEqual(['4', '4']);
  master.isUp = false;
  cluster.servers.clear();
  journey.journal.direction = 'back';
  await expect(carryOut(journey)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'rollback incomplete: cannot reach b:1: connection refused. Restored: b:2: brokerPermission is 6 again',
  });
  expect(permissions()).toEqual(['4', '6']);
  expect(journey.journal.status).toBe('running');
  master.isUp = true;
  await carryOut(journey);
  expect(permissions()).toEqual(['6', '6']);
  expect(journey.journal.status).toBe('rolled-back');
});

test('a rollback keeps a permission that others set since, and restores the other members', async () => {
  const cluster = pair();
  cluster.brokers.set('b:2', fakeBroker('broker-b', { brokerId: 1 }));
  const { journey, said } = await travel(cluster);
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '2');
  journey.journal.direction = 'back';
  await carryOut(journey);
  const permissions = ['b:1', 'b:2'].map((at) => cluster.brokers.get(at)?.settings.get('brokerPermission'));
  expect(permissions).toEqual(['2', '6']);
  expect(said.join('\n')).toContain('b:1: others set brokerPermission=2, and it is kept');
});

/** The broker was just registering with the old permission: name servers keep it until another change. */
function missesNext(cluster: FakeCluster, times: number): void {
  const { set } = cluster.desk;
  cluster.desk.set = async (address, settings, within) => {
    await set(address, settings, within);
    if (times-- > 0) cluster.wiped.add('broker-b');
  };
}

test('a rollback sends the permission again while name servers keep the old one', async () => {
  const cluster = pair();
  const { journey, clock } = await travel(cluster);
  missesNext(cluster, 2);
  journey.journal.direction = 'back';
  const arriving = carryOut(journey);
  await clock.advance(10);
  await arriving;
  const route = await cluster.desk.route('ns1:9876', 'orders', io);
  expect(route?.queues.map(({ brokerName, permission }) => `${brokerName} ${permission}`)).toEqual([
    'broker-a rw',
    'broker-b rw',
  ]);
  expect(journey.journal.status).toBe('rolled-back');
});

test('a rollback whose permission no name server shows is not done', async () => {
  const cluster = pair();
  const { journey, clock } = await travel(cluster);
  missesNext(cluster, 1000);
  journey.journal.direction = 'back';
  const arriving = carryOut(journey).catch((fault: unknown) => fault);
  await clock.advance(60);
  expect(await arriving).toMatchObject({
    code: 'change-stopped',
    message: expect.stringContaining('name server ns1:9876 still routes no writes there: orders') as string,
  });
  expect(journey.journal.status).toBe('running');
});

test('a topic that is read-only by definition does not hold a rollback', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.topics.set('archive', topicOf('archive', { permission: 4 }));
  cluster.brokers.get('a:1')?.topics.set('archive', topicOf('archive'));
  const { journey } = await travel(cluster);
  journey.journal.direction = 'back';
  await carryOut(journey);
  expect(journey.journal.status).toBe('rolled-back');
});

test('sends the permission again while a name server still routes writes to a closed broker', async () => {
  const cluster = pair();
  const { route } = cluster.desk;
  let isStale = false;
  const { set } = cluster.desk;
  let sets = 0;
  cluster.desk.set = async (address, settings, within) => {
    await set(address, settings, within);
    isStale = ++sets < 3;
  };
  cluster.desk.route = async (server, topic, within) => {
    const found = await route(server, topic, within);
    return (
      found && { ...found, queues: found.queues.map((queues) => (isStale ? { ...queues, permission: 'rw' } : queues)) }
    );
  };
  const { arrival } = await travel(cluster);
  expect(arrival).toMatchObject({ kind: 'held', step: 'stop' });
  expect(sets).toBe(3);
});

test('after a crash, continues with the begun step and repeats no completed step', async () => {
  const cluster = pair();
  const clock = createSteppedClock();
  const { facts } = await planScaleIn(cluster.desk, spec, clock.now(), io);
  const done = clock.now().toISOString();
  const { journey } = journeyOf(cluster, facts, clock, [
    { id: 'close-writes', begunAt: done, doneAt: done, evidence: [] },
    { id: 'see-closed', begunAt: done, evidence: [] },
  ]);
  cluster.asked.length = 0;
  const arriving = carryOut(journey, seconds(5));
  await clock.advance(30);
  expect(await arriving).toMatchObject({ kind: 'held', step: 'see-closed' });
  expect(cluster.asked.filter((question) => question.startsWith('set '))).toEqual([]);
});

test('a broker that hangs does not count as stopped', async () => {
  const cluster = pair();
  cluster.silent.add('b:1');
  const { arrival } = await travel(cluster);
  const what = 'broker-b:0 at b:1 is silent, and a name server still lists it: it may hang, and come back';
  expect(arrival).toMatchObject({ kind: 'held', step: 'stop', holds: [{ what }] });
});

test('is done when the broker is stopped and in no route', async () => {
  const cluster = pair();
  const clock = createSteppedClock();
  const { facts } = await planScaleIn(cluster.desk, spec, clock.now(), io);
  const { journey } = journeyOf(cluster, facts, clock);
  const arriving = carryOut(journey, seconds(100));
  await clock.advance(80);
  const broker = cluster.brokers.get('b:1');
  if (broker) broker.isUp = false;
  await clock.advance(60);
  expect(await arriving).toEqual({ kind: 'done' });
  expect(inEnglish(journey.journal.steps.at(-1)?.evidence)[0]).toContain(
    'broker-b is in no route; remaining: broker-a',
  );
});
