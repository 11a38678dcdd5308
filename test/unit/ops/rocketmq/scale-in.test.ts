import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { createSteppedClock, type SteppedClock } from '../../../support/stepped-clock.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { AppError } from '../../../../core/errors.ts';
import { seconds } from '../../../../core/clock.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import type { ScaleInFacts } from '../../../../ops/rocketmq/scale-in/facts.ts';
import { delaysOf } from '../../../../ops/rocketmq/late-messages.ts';
import { retentionBlockers } from '../../../../ops/rocketmq/await-expired.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { delayBlockers } from '../../../../ops/rocketmq/scale-in/await-delivered.ts';
import { scaleIn } from '../../../../ops/rocketmq/scale-in/scale-in.ts';

const io = { signal: new AbortController().signal };
const spec = { brokerName: 'broker-b', quietSeconds: 60, ignoredGroups: [], giveUpReplay: true };
const pair = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });

function journeyOf(cluster: FakeCluster, facts: ScaleInFacts, clock: SteppedClock, steps: ChangeJournal['steps'] = []) {
  const saved: ChangeJournal[] = [];
  const said: string[] = [];
  const named = { cluster: 'lab', change: 'scale-in', subject: 'broker-b' };
  const journal = { ...newJournal({ ...named, facts }, clock.now()), steps };
  const journey = {
    journal,
    steps: scaleIn.steps(facts, { desk: cluster.desk, clock }),
    clock,
    signal: io.signal,
    save: async () => void saved.push(structuredClone(journal)),
    check: async () => undefined,
    tell: (line: string) => void said.push(line),
  };
  return { journey, saved, said };
}

async function travel(cluster: FakeCluster, wait = 100, facts?: ScaleInFacts) {
  const clock = createSteppedClock();
  const planned = facts ?? (await planScaleIn(cluster.desk, spec, clock.now(), io)).facts;
  const trip = journeyOf(cluster, planned, clock);
  const arriving = carryOut(trip.journey, seconds(wait));
  const settled = arriving.then(
    (arrival) => ({ arrival }),
    (fault: unknown) => ({ fault: fault as AppError }),
  );
  await clock.advance(wait + 200);
  return { ...trip, clock, ...(await settled) };
}

test('a quiet broker whose messages are all read is closed and waits for its operator', async () => {
  const cluster = pair();
  const { arrival, journey } = (await travel(cluster)) as Awaited<ReturnType<typeof travel>> & { arrival: unknown };
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
  const { arrival } = (await travel(cluster, 100, facts)) as unknown as {
    arrival: { holds: { what: string; until?: Date }[] };
  };
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
  const { arrival } = (await travel(cluster)) as unknown as { arrival: { holds: { what: string }[] } };
  expect(arrival.holds[0]?.what).toBe('group billing has unread messages in orders: 7 (clients online: 1)');
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
  const { fault, saved } = (await travel(cluster)) as unknown as { fault: AppError; saved: ChangeJournal[] };
  expect(fault.message).toBe('scale-in of broker-b stopped in close-writes: b:1 refused');
  expect(saved.at(-1)?.status).toBe('running');
});

test('a rollback restores the former permission, not the default', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '2');
  const { journey, arrival } = (await travel(cluster)) as Awaited<ReturnType<typeof travel>> & { arrival: unknown };
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
  const { arrival } = (await travel(cluster)) as unknown as { arrival: unknown };
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
  const { arrival } = (await travel(cluster)) as unknown as { arrival: unknown };
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

async function codesOf(cluster: FakeCluster): Promise<string[]> {
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
  return findings.filter(({ severity }) => severity === 'critical').map(({ code }) => code);
}

test('names groups in broadcast mode, whose progress cannot be counted', async () => {
  const cluster = pair();
  const online = { clients: ['c1'], topics: ['orders'], isBroadcast: true };
  cluster.brokers.get('b:1')?.online.set('caches', online);
  for (const { groups } of cluster.brokers.values()) groups.set('caches', '{"groupName":"caches"}');
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(findings.map(({ code }) => code)).toContain('broadcast-not-counted');
  expect(cluster.asked.filter((question) => question === 'connections b:1')).toHaveLength(2);
});

test('refuses to remove the last broker', async () => {
  expect(await codesOf(fakeCluster({ 'b:1': fakeBroker('broker-b') }))).toEqual(['last-broker']);
});

test('removes a broker whose topics exist on a master of another cluster, because routes are per topic', async () => {
  const cluster = pair();
  cluster.brokers.get('a:1')?.settings.set('brokerClusterName', 'finance');
  expect(await codesOf(cluster)).toEqual([]);
});

/** One name server may serve several clusters, some of which have nothing to do with the leaving broker. */
function besideFinance(): FakeCluster {
  const cluster = pair();
  const unrelated = fakeBroker('broker-c', { topics: new Map() });
  unrelated.settings.set('brokerClusterName', 'finance');
  cluster.brokers.set('c:1', unrelated);
  for (const { runtime } of cluster.brokers.values()) runtime.set('putTps', '812.4 790.2 640.9');
  return cluster;
}

test('the predicted load counts only masters that have a topic of the broker', async () => {
  const { findings } = await planScaleIn(besideFinance().desk, spec, new Date(0), io);
  expect(findings.find(({ code }) => code === 'load-after')?.message).toBe(
    'messages per second of the last minute: broker-a from 790 to about 1580',
  );
});

test('refuses to remove a broker with a group that otherwise exists only in an unrelated cluster', async () => {
  const cluster = besideFinance();
  for (const address of ['b:1', 'c:1']) cluster.brokers.get(address)?.groups.set('alone', '{}');
  expect(await codesOf(cluster)).toEqual(['group-only-here']);
});

test('a master of another cluster that refuses access does not block the plan', async () => {
  const cluster = besideFinance();
  cluster.fault = (question) => {
    if (question.endsWith(' c:1')) throw new AppError('credentials-refused', 'c:1 refused');
  };
  expect(await codesOf(cluster)).toEqual([]);
});

test('a master that does not report its rate does not block the plan', async () => {
  const cluster = besideFinance();
  cluster.brokers.get('a:1')?.settings.set('brokerClusterName', 'finance');
  cluster.fault = (question) => {
    if (question === 'runtime a:1') throw new AppError('broker-unreachable', 'cannot reach a:1');
  };
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(findings.find(({ code }) => code === 'load-after')?.message).toBe(
    'messages per second of the last minute: broker-a (rate unknown) about 790 more',
  );
});

test('refuses to remove a broker with mapped queues of a static topic, and does not read these queues', async () => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values()) topics.set('ledgers', topicOf('ledgers', { isStatic: true }));
  expect(await codesOf(cluster)).toEqual(['static-topic']);
  const { facts } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(facts.topics).toEqual(['orders']);
});

test('refuses to remove a broker with a topic or group that exists nowhere else', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.topics.set('alone', topicOf('alone'));
  cluster.brokers.get('b:1')?.groups.set('alone', '{}');
  expect(await codesOf(cluster)).toEqual(['topic-only-here', 'group-only-here']);
});

test('refuses a removal while a name server does not answer, because its routes are unknown', async () => {
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') }, [
    'ns1:9876',
    'ns2:9876',
  ]);
  cluster.servers.delete('ns2:9876');
  expect(await codesOf(cluster)).toEqual(['name-server-silent']);
});

test('suggests the nearest name for an unknown broker', async () => {
  await expect(planScaleIn(pair().desk, { ...spec, brokerName: 'brokr-b' }, new Date(0), io)).rejects.toMatchObject({
    code: 'not-found',
    hint: 'did you mean broker-b?',
  });
});

test('delay levels and timers hold the scale-in for at most the longest delay', () => {
  const holds = delayBlockers(
    { delayLevels: [{ level: 3, delivered: 5n, end: 9n }], timerWaitingMessages: 2n, timerBehindMessages: 0n },
    { quietAt: '2026-11-20T00:00:00Z', delaySeconds: delaysOf('1s 5s 10s'), longestTimerSeconds: 259_200 },
  );
  expect(holds).toMatchObject([
    { what: 'pending messages of delay level 3: 4', until: new Date('2026-11-20T00:00:10Z') },
    { what: 'pending timer messages: 2', until: new Date('2026-11-23T00:00:00Z') },
  ]);
});

test('messages of a delay level without deliveries hold the scale-in although 4.9 does not list the level', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.ends.set('SCHEDULE_TOPIC_XXXX 2', 10n);
  const { arrival } = (await travel(cluster, 100)) as unknown as { arrival: { holds: { what: string }[] } };
  expect(arrival.holds.map(({ what }) => what)).toEqual(['pending messages of delay level 3: 10']);
});

const tagged = (tag: string) => ({ properties: Buffer.from(`TAGS\u0001${tag}\u0002`) });
const reviveLog = 'rmq_sys_REVIVE_LOG_lab';

/** @param settled offset of the last check point that was handled in queue 0 */
function poppingBroker(tags: readonly string[], settled?: bigint) {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.topics.set(reviveLog, topicOf(reviveLog, { readQueues: 8, writeQueues: 8 }));
  for (const tag of tags) store(broker, reviveLog, tagged(tag));
  const byQueue = new Map<number, bigint>(settled === undefined ? [] : [[0, settled]]);
  broker.commits = [{ topic: reviveLog, group: 'CID_RMQ_SYS_REVIVE_GROUP', byQueue }];
  return cluster;
}

test('acknowledgements behind the last settled pop checkpoint do not hold the scale-in', async () => {
  const { arrival } = (await travel(poppingBroker(['ck', 'ck', 'ack', 'bAck'], 1n))) as unknown as { arrival: object };
  expect(arrival).toMatchObject({ kind: 'held', step: 'stop' });
});

test.each([
  { what: 'behind the last settled one', settled: 1n, waiting: 1 },
  { what: 'of a queue where none is settled yet', settled: undefined, waiting: 3 },
])('pop checkpoints $what hold the scale-in', async ({ settled, waiting }) => {
  const cluster = poppingBroker(['ck', 'ck', 'ack', 'ck', 'ack'], settled);
  const { arrival } = (await travel(cluster)) as unknown as { arrival: { holds: { what: string }[] } };
  expect(arrival).toMatchObject({
    step: 'see-delivered',
    holds: [{ what: `${waiting} pending pop records (not acknowledged)` }],
  });
});

test('pops in RocksDB are not reported as settled, and their replay is not given up', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('popConsumerKVServiceEnable', 'true');
  const planned = async (giveUpReplay: boolean) =>
    (await planScaleIn(cluster.desk, { ...spec, giveUpReplay }, new Date(0), io)).findings.map(
      ({ severity, code }) => `${severity} ${code}`,
    );
  expect(await planned(true)).toContain('critical pops-not-counted');
  expect(await planned(false)).toContain('warning pops-not-counted');
  const { journey } = await travel(cluster);
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no timer or transaction is pending$/),
  ]);
  const facts = { hidesWaiting: true, giveUpReplay: true, quietAt: '2026-11-20T00:00:00Z', retentionHours: 72 };
  expect(retentionBlockers(facts, new Date('2026-11-20T12:00:00Z')), 'resumed with --give-up-replay').toHaveLength(1);
});

test('half messages in RocksDB are neither reported as settled nor counted as client messages', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const names = ['RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC', 'RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC'];
  for (const name of names) broker.topics.set(name, topicOf(name));
  broker.settings.set('transRocksDBEnable', 'true');
  expect(await codesOf(cluster), 'halves are in the topic of before').toEqual([]);
  broker.settings.set('transWriteOriginTransHalfEnable', 'false');
  expect(await codesOf(cluster)).toEqual(['transactions-not-counted']);
  const { arrival, journey } = (await travel(cluster)) as Awaited<ReturnType<typeof travel>> & { arrival: unknown };
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no timer or pop is pending$/),
  ]);
  expect(arrival).toMatchObject({ kind: 'held', step: 'see-expired' });
});

test('timers in RocksDB hold the scale-in for the longest possible delay, whatever the reported figures', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.settings.set('timerRocksDBEnable', 'true').set('timerMaxDelaySec', '30');
  // As 5.5 reports: all timers since the switch, and those of the wheel that takes none any more.
  broker.runtime.set('timerOffsetBehind', '500').set('timerCongestNum', '7');
  expect(await codesOf(cluster)).toEqual(['timers-not-counted']);
  const { holds, findings } = await planScaleIn(cluster.desk, { ...spec, giveUpReplay: false }, new Date(0), io);
  expect(holds).toEqual([]);
  expect(findings.find(({ code }) => code === 'timers-not-counted')?.message).toContain(
    'the change waits for the longest delay (timerMaxDelaySec)',
  );
  const { arrival, journey, said } = (await travel(cluster, 200)) as Awaited<ReturnType<typeof travel>> & {
    arrival: unknown;
  };
  expect(said.join('\n')).toContain('timer messages cannot be counted (timerRocksDBEnable)');
  expect(inEnglish(journey.journal.steps.find(({ id }) => id === 'see-delivered')?.evidence)).toEqual([
    expect.stringMatching(/; no transaction or pop is pending$/),
  ]);
  expect(arrival).toMatchObject({ kind: 'held', step: 'see-expired' });
});

test('timers of a re-enabled timer wheel hold the scale-in, and those left in RocksDB are not counted', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  // The state that switchTimerEngine of 5.5 leaves.
  broker.settings.set('timerRocksDBEnable', 'true').set('timerRocksDBStopScan', 'true');
  broker.runtime.set('timerOffsetBehind', '5').set('timerCongestNum', '7');
  expect(await codesOf(cluster)).toEqual(['timers-not-counted']);
  expect((await planScaleIn(cluster.desk, spec, new Date(0), io)).holds).toMatchObject([
    { what: 'pending timer messages: 12' },
  ]);
});

test('messages are readable for as long as tiered storage keeps them, if the broker has it', async () => {
  const cluster = pair();
  const settings = cluster.brokers.get('b:1')?.settings ?? new Map<string, string>();
  const hours = async () => (await planScaleIn(cluster.desk, spec, new Date(0), io)).facts.retentionHours;
  settings.set('tieredStoreFileReservedTime', '720');
  expect(await hours()).toBe(72);
  settings.set('messageStorePlugIn', 'org.apache.rocketmq.tieredstore.TieredMessageStore');
  expect(await hours()).toBe(720);
  settings.set('tieredStoreFileReservedTime', '12');
  expect(await hours()).toBe(72);
  settings.delete('tieredStoreFileReservedTime');
  expect(await hours(), 'not reported').toBeUndefined();
});

test('reads delay levels with their units', () =>
  expect(delaysOf('1s 30s 1m 2h 1d')).toEqual([1, 30, 60, 7200, 86_400]));

const inController = { enableControllerMode: 'true', controllerAddr: 'c:9878;d:9878' };
const forget = 'mqadmin cleanBrokerMetadata -a c:9878 -c lab -bn broker-b';

test('the controllers must forget a removed broker, or a new one of its name gets no master', async () => {
  const cluster = pair();
  for (const [key, value] of Object.entries(inController)) cluster.brokers.get('b:1')?.settings.set(key, value);
  const { facts } = await planScaleIn(cluster.desk, spec, new Date(), io);
  const stop = scaleIn
    .steps(facts, { desk: cluster.desk, clock: createSteppedClock() })
    .find(({ id }) => id === 'stop');
  const line = stop?.how?.map((each) => (typeof each === 'string' ? each : each.en)).at(-1);
  expect(line).toBe(`after that, so that a new broker-b can get a master: ${forget}`);
});

test.each<[Record<string, string>, string]>([
  [{}, 'to remove a slave, stop it: its master has all its messages'],
  [
    inController,
    `to remove a slave, stop it: its master has all its messages; then the controllers must forget it: ${forget} -b 2`,
  ],
  [
    { enableDLegerCommitLog: 'true' },
    'to remove a member of DLedger, change dLegerPeers of every member, and restart them in turn',
  ],
])('one member of a broker is removed without scale-in: %j', async (settings, hint) => {
  const cluster = pair();
  for (const [key, value] of Object.entries(settings)) cluster.brokers.get('b:1')?.settings.set(key, value);
  await expect(planScaleIn(cluster.desk, { ...spec, brokerName: 'broker-b:2' }, new Date(), io)).rejects.toMatchObject({
    message: 'broker-b:2 is one member of broker-b, and scale-in removes all members of a broker',
    hint,
  });
});

test('a shell reads the names of a printed command as they are', async () => {
  const cluster = pair();
  const settings = { ...inController, brokerClusterName: 'pay$(id)' };
  for (const [key, value] of Object.entries(settings)) cluster.brokers.get('b:1')?.settings.set(key, value);
  const { facts } = await planScaleIn(cluster.desk, spec, new Date(), io);
  expect(facts.forget).toBe("mqadmin cleanBrokerMetadata -a c:9878 -c 'pay$(id)' -bn broker-b");
});

test('the id of a master may mean its whole broker, which must not be stopped like a slave', async () => {
  const naming = { ...spec, brokerName: 'broker-b:0' };
  await expect(planScaleIn(pair().desk, naming, new Date(), io)).rejects.toMatchObject({
    code: 'not-found',
    hint: 'did you mean broker-b?',
  });
});
