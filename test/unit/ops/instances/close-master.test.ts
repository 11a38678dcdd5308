import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { AppError, faultOf } from '../../../../core/errors.ts';
import { LocalHost } from '../../../../hosts/config.ts';
import { openInstanceHost } from '../../../../hosts/instances/instance-host.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import { closeBeforeStop, planMasters } from '../../../../ops/instances/close-master.ts';
import type { InstanceFacts } from '../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../ops/instances/instance-changes.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';
import { instanceToolsWith } from '../../../support/instance-tools.ts';

const io = { signal: new AbortController().signal };
const master = (name: string, over: Record<string, unknown> = {}) => {
  const service = { supervisord: { program: name }, broker: `${name}:0` };
  const target = DesiredInstance.parse({
    cluster: 'orders',
    host: 'mq-1',
    role: 'rocketmq-master',
    ...service,
    ...over,
  });
  return { name, target, wasRunning: true };
};
const pair = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });
const permissionOf = (cluster: FakeCluster) => cluster.brokers.get('b:1')?.settings.get('brokerPermission');

async function rollOf(cluster: FakeCluster, over: Partial<InstanceFacts> = {}, about: Record<string, unknown> = {}) {
  const clock = createSteppedClock();
  const order = [master('broker-b', about)];
  const { masters, findings } = await planMasters(order, cluster.desk, io);
  const facts: InstanceFacts = { action: 'roll', order, marks: {}, masters, ...over };
  const steps = instanceChanges.roll.steps(facts, instanceToolsWith({ desk: cluster.desk, clock }));
  const journal = newJournal({ cluster: 'orders', change: 'instances-roll', subject: 'orders', facts }, clock.now());
  const travel = async (ids: RegExp, wait = 200) => {
    const saved = { save: async () => {}, check: async () => {}, tell: () => {} };
    const chosen = steps.filter(({ id }) => ids.test(id));
    const arriving = carryOut({ ...saved, journal, steps: chosen, clock, signal: io.signal }, seconds(wait));
    const settled = arriving.catch((fault: unknown) => fault);
    await clock.advance(wait + 200);
    return await settled;
  };
  return { steps, journal, travel, findings, masters };
}

test('a roll closes a master for writes before it stops it, and opens it once it serves again', async () => {
  const { steps } = await rollOf(pair());
  expect(steps.map(({ id }) => id.replace('-broker-b', ''))).toEqual([
    'await-health-before',
    'close-writes',
    'see-closed',
    'see-quiet',
    'stop',
    'see-startable',
    'start',
    'await-serving',
    'open-writes',
    'await-health-at-end',
  ]);
});

test('stops a master only after 35 s without client messages, and opens it for writes afterwards', async () => {
  const cluster = pair();
  const { travel, journal } = await rollOf(cluster);
  expect(await travel(/^(close|see-closed|see-quiet)/)).toMatchObject({ kind: 'done' });
  expect(permissionOf(cluster)).toBe('4');
  expect(inEnglish(journal.steps.at(-1)?.evidence).join()).toMatch(/^no client message for 3[5-9] s/);
  expect(await travel(/^open-writes/)).toMatchObject({ kind: 'done' });
  expect(permissionOf(cluster)).toBe('6');
});

test('an opened master whose file could not be written holds the roll until it is', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-broker-conf-'));
  const settings = join(folder.path, 'broker.conf');
  await writeFile(settings, 'brokerPermission=6\nbrokerName=broker-b\nbrokerPermission = 4\n');
  const { travel } = await rollOf(pair(), {}, { settings });
  const what = `${settings} on mq-1 still has brokerPermission=4, so broker-b would start with it again: check the space and rights there`;
  expect(await travel(/^(close|open)-writes/, 5)).toMatchObject({ kind: 'held', holds: [{ what }] });
  await writeFile(settings, 'brokerName=broker-b\nbrokerPermission=6\n');
  expect(await travel(/^(close|open)-writes/)).toMatchObject({ kind: 'done' });
});

test('a file that no broker may write, and that opens a master closed at run time, does not hold the roll', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-broker-conf-'));
  const settings = join(folder.path, 'broker.conf');
  await writeFile(settings, 'brokerPermission=6\n');
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '4');
  const { travel } = await rollOf(cluster, {}, { settings });
  expect(await travel(/^(close|open)-writes/, 5)).toMatchObject({ kind: 'done' });
  expect(permissionOf(cluster)).toBe('4');
});

test('slaves of a closed master keep their permission', async () => {
  const cluster = pair();
  const slave = fakeBroker('broker-b', { brokerId: 1 });
  cluster.brokers.set('b:2', slave);
  const { travel } = await rollOf(cluster);
  expect(await travel(/writes|see-closed/)).toEqual({ kind: 'done' });
  expect(permissionOf(cluster)).toBe('6');
  expect(slave.settings.get('brokerPermission')).toBe('6');
});

test('a topic that is read-only by definition does not hold the roll', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.topics.set('archive', topicOf('archive', { permission: 4 }));
  const { travel } = await rollOf(cluster);
  await travel(/^(close|see-closed|see-quiet)/);
  expect(await travel(/^open-writes/)).toMatchObject({ kind: 'done' });
});

test('a client that still sends holds the stop and is named', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const ends = cluster.desk.ends;
  cluster.desk.ends = async (address, queues, within) => {
    if (address === 'b:1') store(broker, 'orders');
    return ends(address, queues, within);
  };
  const { travel } = await rollOf(cluster);
  expect(await travel(/^(close|see-closed|see-quiet|stop)/)).toMatchObject({
    kind: 'held',
    step: 'see-quiet-broker-b',
    holds: [
      { what: '10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders' },
      { what: expect.stringContaining('--resume --accept-refused-sends') },
    ],
  });
});

test('with accepted refusals, clients have 35 s to leave; then the broker is stopped and the clients are named', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const ends = cluster.desk.ends;
  cluster.desk.ends = async (address, queues, within) => {
    if (address === 'b:1') store(broker, 'orders');
    return ends(address, queues, within);
  };
  const { travel, journal } = await rollOf(cluster, { acceptRefusedSends: true });
  expect(await travel(/^(close|see-closed|see-quiet)/, 30)).toMatchObject({ kind: 'held', step: 'see-quiet-broker-b' });
  expect(await travel(/^(close|see-closed|see-quiet)/, 60)).toMatchObject({ kind: 'done' });
  expect(inEnglish(journal.steps.at(-1)?.evidence)).toEqual([
    '10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders; --accept-refused-sends was given',
  ]);
});

test('an abort waits for the restarted master and restores its former permission', async () => {
  const cluster = pair();
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '7');
  const { travel, journal } = await rollOf(cluster);
  await travel(/^(close|see-closed|see-quiet)/);
  expect(permissionOf(cluster)).toBe('5');
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  broker.isUp = false;
  let looks = 0;
  const { reach } = cluster.desk;
  cluster.desk.reach = async (address, within) => {
    broker.isUp = ++looks > 5;
    return await reach(address, within);
  };
  Object.assign(journal, { direction: 'back', status: 'running' });
  expect(await travel(/^(close|see-closed|see-quiet)/)).toMatchObject({ kind: 'rolled-back' });
  expect(permissionOf(cluster)).toBe('7');
});

/** @returns how long it takes until a rollback stops the broker, and the messages or the error */
async function closedAgain(cluster: FakeCluster, over: Partial<InstanceFacts> = {}) {
  const clock = createHandClock();
  const each = master('broker-b');
  const { masters } = await planMasters([each], cluster.desk, io);
  const facts: InstanceFacts = { action: 'upgrade', order: [each], marks: {}, masters, ...over };
  const stopped = async () => ({ exitCode: 0, stdout: 'broker-b RUNNING', stderr: '' });
  const host = openInstanceHost('mq-1', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  const hostOf = () => ({ ...host, commands: { host: 'mq-1', run: stopped } });
  return {
    async wait() {
      const texts = await closeBeforeStop(each, facts, { desk: cluster.desk, clock, hostOf }, io).catch(
        (cause: unknown) => faultOf(cause, io),
      );
      return { seconds: clock.monotonic(), texts: texts instanceof AppError ? texts : inEnglish(texts).join('\n') };
    },
  };
}

test('a rollback closes a master that serves, and waits for 35 s without messages', async () => {
  const cluster = pair();
  const { seconds: waited, texts } = await (await closedAgain(cluster)).wait();
  expect(waited).toBeGreaterThanOrEqual(35);
  expect(waited).toBeLessThan(45);
  expect(texts).toMatch(/brokerPermission 6 → 4\n.*read-only.*\nno client message for 3/);
  expect(permissionOf(cluster)).toBe('4');
});

test.each<[string, (cluster: FakeCluster) => void]>([
  ['runs no longer', (cluster) => Object.assign(cluster.brokers.get('b:1') ?? {}, { isUp: false })],
  ['is silent', (cluster) => cluster.silent.add('b:1')],
])('a rollback stops a master that %s at once', async (_, trouble) => {
  const cluster = pair();
  const { wait } = await closedAgain(cluster);
  trouble(cluster);
  expect(await wait()).toEqual({ seconds: 0, texts: '' });
});

test('a rollback finds a master at the address of its new settings', async () => {
  const cluster = pair();
  const { wait } = await closedAgain(cluster);
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  cluster.brokers.delete('b:1');
  cluster.brokers.set('b:2', broker);
  expect((await wait()).texts).toMatch(/^b:2: brokerPermission 6 → 4/);
});

test.each<[string, (cluster: FakeCluster) => void, RegExp]>([
  [
    'refuses access',
    (cluster) => {
      cluster.fault = (question) => {
        if (question.endsWith(' b:1')) throw new AppError('credentials-refused', 'b:1 refused');
      };
    },
    /^close-writes-broker-b: b:1 refused\n/,
  ],
  [
    'no name server lists',
    (cluster) => cluster.brokers.get('b:1')?.settings.set('namesrvAddr', 'ns9:9876'),
    /see-quiet-broker-b: broker broker-b has no master now$/,
  ],
  ['cannot be checked at a name server', (cluster) => cluster.servers.clear(), /see-closed-broker-b: cannot reach ns1/],
])('a rollback stops a master that %s after a minute', async (_, trouble, why) => {
  const cluster = pair();
  const { wait } = await closedAgain(cluster);
  trouble(cluster);
  const { seconds: waited, texts } = await wait();
  expect(waited).toBeGreaterThanOrEqual(60);
  expect(waited).toBeLessThan(70);
  expect(texts).toMatch(why);
});

test('a client that still sends blocks a rollback, unless this is accepted', async () => {
  const cluster = pair();
  const broker = cluster.brokers.get('b:1') ?? fakeBroker('');
  const ends = cluster.desk.ends;
  cluster.desk.ends = async (address, queues, within) => {
    if (address === 'b:1') store(broker, 'orders');
    return ends(address, queues, within);
  };
  const blocked = await (await closedAgain(cluster)).wait();
  expect(blocked.texts).toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(
      /after 300 s: .* of shop .* still sends: orders; .*--abort --accept-refused/,
    ) as string,
  });
  const { seconds: waited, texts } = await (await closedAgain(cluster, { acceptRefusedSends: true })).wait();
  expect(waited).toBeLessThan(60);
  expect(texts).toContain('still sends: orders; --accept-refused-sends was given');
});

test('warns before a restart about a master that an unfinished change left closed', async () => {
  const cluster = pair();
  expect((await rollOf(cluster)).findings).toEqual([]);
  cluster.brokers.get('b:1')?.settings.set('brokerPermission', '4');
  expect((await rollOf(cluster)).findings).toMatchObject([
    {
      severity: 'warning',
      code: 'closed-already',
      message: expect.stringMatching(
        /^brokerPermission has no write bit already: b:1; broker-b stays closed .*`plimsoll ops status`\)$/,
      ) as string,
    },
  ]);
});

test('does not close members with elected leaders, slaves, or other instances', async () => {
  const elected = fakeBroker('broker-b');
  elected.settings.set('enableDLegerCommitLog', 'true');
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': elected });
  const order = [master('broker-b'), master('broker-a', { role: 'rocketmq-slave', broker: 'broker-a:1' })];
  expect(await planMasters(order, cluster.desk, io)).toEqual({ masters: {}, findings: [] });
});

test('does not close the only master, and warns that sends to it are refused', async () => {
  const only = fakeCluster({ 'b:1': fakeBroker('broker-b') });
  const { masters, findings } = await planMasters([master('broker-b')], only.desk, io);
  expect(masters).toEqual({});
  expect(findings).toMatchObject([{ severity: 'warning', code: 'sends-refused' }]);
});

test.each<[string, (cluster: FakeCluster) => void, RegExp]>([
  [
    'a topic that no other master has',
    (cluster) => cluster.brokers.get('b:1')?.topics.set('paid', topicOf('paid')),
    /no other master that can be read accepts messages for paid, so it is not closed first: sends to these fail until it serves again,/,
  ],
  [
    'a topic that is closed on the other master',
    (cluster) => cluster.brokers.get('a:1')?.topics.set('orders', topicOf('orders', { permission: 4 })),
    /accepts messages for orders, so it is not closed first/,
  ],
])('does not close a master with %s, and warns about refused sends', async (_, differ, why) => {
  const cluster = pair();
  differ(cluster);
  const { masters, findings } = await planMasters([master('broker-b')], cluster.desk, io);
  expect(masters).toEqual({});
  expect(findings).toMatchObject([
    { severity: 'warning', code: 'sends-refused', message: expect.stringMatching(why) as string },
  ]);
});

test('closes a master whose topics exist on a master of another cluster, because routes are per topic', async () => {
  const cluster = pair();
  cluster.brokers.get('a:1')?.settings.set('brokerClusterName', 'finance');
  const { masters, findings } = await planMasters([master('broker-b')], cluster.desk, io);
  expect([Object.keys(masters), findings]).toEqual([['broker-b'], []]);
});

test('warns that keys of ordered topics move when a roll closes their master', async () => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values()) {
    topics.set('paid', topicOf('paid', { order: true }));
    topics.set('sent', topicOf('sent', { attributes: { 'message.type': 'FIFO' } }));
  }
  const { masters, findings } = await planMasters([master('broker-a'), master('broker-b')], cluster.desk, io);
  expect(Object.keys(masters)).toEqual(['broker-a', 'broker-b']);
  expect(findings).toMatchObject([
    { severity: 'warning', code: 'order-moves', message: expect.stringContaining('keys of paid, sent move') as string },
  ]);
});

const refuses = (cluster: FakeCluster) => {
  cluster.fault = (question) => {
    if (question.endsWith(' a:1')) throw new AppError('credentials-refused', 'a:1 refused');
  };
};

test.each<[string, (cluster: FakeCluster) => void]>([
  ['closed', (cluster) => cluster.brokers.get('a:1')?.settings.set('brokerPermission', '4')],
  ['silent', (cluster) => cluster.silent.add('a:1')],
  ['closed to this user', refuses],
])('another master that is %s does not count as a replacement', async (_, trouble) => {
  const cluster = pair();
  trouble(cluster);
  const { masters, findings } = await planMasters([master('broker-b')], cluster.desk, io);
  expect(masters).toEqual({});
  expect(findings).toMatchObject([
    {
      code: 'sends-refused',
      message: expect.stringContaining('no other master accepts messages (broker-a: ') as string,
      messageZh: expect.stringContaining('没有其他主节点接受消息（broker-a：') as string,
    },
  ]);
});

test('a plan warns of a static topic, whose clients write to the closed broker', async () => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values()) topics.set('ledgers', topicOf('ledgers', { isStatic: true }));
  const { findings } = await rollOf(cluster);
  expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(['warning static-topic']);
  expect(findings[0]?.messageZh).toContain('broker-b 上有静态 Topic 的映射队列：ledgers');
});
