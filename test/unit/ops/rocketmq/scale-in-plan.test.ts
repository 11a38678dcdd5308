import { expect, test } from 'vitest';
import { createSteppedClock } from '../../../support/stepped-clock.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { plannedSteps } from '../../../../app/change/planned-steps.ts';
import { AppError } from '../../../../core/errors.ts';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../../../ops/rocketmq/scale-in/scale-in.ts';
import { io, spec, pair, codesOf } from '../../../support/scale-in.ts';

test('names groups in broadcast mode, whose progress cannot be counted', async () => {
  const cluster = pair();
  const online = { clients: ['c1'], topics: ['orders'], isBroadcast: true };
  cluster.brokers.get('b:1')?.online.set('caches', online);
  for (const { groups } of cluster.brokers.values()) groups.set('caches', '{"groupName":"caches"}');
  const { findings } = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(findings.map(({ code }) => code)).toContain('broadcast-not-counted');
  expect(cluster.asked.filter((question) => question === 'connections b:1')).toHaveLength(2);
});

test('an approval of a scale-in includes the groups whose unread messages are not counted', async () => {
  const { desk } = pair();
  const exact = async (ignoredGroups: string[]) => {
    const { facts } = await planScaleIn(desk, { ...spec, ignoredGroups }, new Date(0), io);
    return plannedSteps(scaleIn.steps(facts, { desk, clock: createSteppedClock() })).exact;
  };
  expect(await exact(['billing'])).not.toEqual(await exact([]));
});

test('refuses to remove the last broker', async () => {
  expect(await codesOf(fakeCluster({ 'b:1': fakeBroker('broker-b') }))).toEqual(['last-broker']);
  const besideClosed = pair();
  besideClosed.brokers.get('a:1')?.settings.set('brokerPermission', '4');
  besideClosed.brokers.get('b:1')?.runtime.set('putTps', '812.4 790.2 640.9');
  expect(await codesOf(besideClosed)).toEqual(['last-broker']);
  const { findings } = await planScaleIn(besideClosed.desk, spec, new Date(0), io);
  expect(findings.map(({ code }) => code)).not.toContain('load-after');
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

test('the predicted load counts only open masters that have a topic of the broker', async () => {
  const { findings } = await planScaleIn(besideFinance().desk, spec, new Date(0), io);
  expect(findings.find(({ code }) => code === 'load-after')?.message).toBe(
    'messages per second of the last minute: broker-a from 790 to about 1580',
  );
  const cluster = besideFinance();
  const third = fakeBroker('broker-d');
  third.runtime.set('putTps', '100.2 100.2 100.2');
  cluster.brokers.set('d:1', third);
  const shared = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(shared.findings.find(({ code }) => code === 'load-after')?.message).toBe(
    'messages per second of the last minute: broker-a from 790 to about 1185, broker-d from 100 to about 495',
  );
  third.settings.set('brokerPermission', '4');
  const beside = await planScaleIn(cluster.desk, spec, new Date(0), io);
  expect(beside.findings.find(({ code }) => code === 'load-after')?.message).toMatch(
    /broker-a from 790 to about 1580$/,
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
  // Every broker has its own groups for delays and transactions.
  cluster.brokers.get('b:1')?.groups.set('CID_RMQ_SYS_TRANS', '{}');
  expect(await codesOf(cluster)).toEqual(['topic-only-here']);
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

test('the notice states until when messages can be read again', async () => {
  const { facts } = await planScaleIn(pair().desk, spec, new Date(0), io);
  const notice = (giveUpReplay: boolean) => Object.values(scaleIn.notice?.({ ...facts, giveUpReplay }) ?? {}).join();
  expect(notice(false)).toMatch(
    /until the retention of 72 h after the last write ends[^]*停止写入后 72 小时内仍可回溯[^]*即使已超出上述时间窗口/,
  );
  expect(notice(true)).toMatch(/cannot be read again after it is stopped[^]*无法再回溯/);
});

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
