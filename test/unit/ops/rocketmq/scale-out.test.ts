import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import type { AclRule } from '../../../../brokers/acl-rule.ts';
import type { BrokerUser } from '../../../../brokers/rocketmq/protocol/access-requests.ts';
import { AppError } from '../../../../core/errors.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { travel } from '../../../support/change-journey.ts';
import { planScaleOut } from '../../../../ops/rocketmq/scale-out/plan-scale-out.ts';
import { scaleOut } from '../../../../ops/rocketmq/scale-out/scale-out.ts';

const io = { signal: new AbortController().signal };
const spec = { brokerName: 'broker-c', acceptDrift: false, settleSeconds: 50, watchSeconds: 60 };
const fresh = () => fakeBroker('broker-c', { topics: new Map(), groups: new Map() });
const trio = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b'), 'c:1': fresh() });
const brokerOf = (cluster: FakeCluster, address: string) => cluster.brokers.get(address) ?? fakeBroker('');
const every = (seconds: readonly number[], act: () => void) => seconds.map((second) => [second, act] as const);

test('a new broker gets topics and groups, opens them to readers first, and is verified to receive traffic', async () => {
  const cluster = trio();
  const seen: unknown[] = [];
  const look = () => void seen.push(brokerOf(cluster, 'c:1').topics.get('orders')?.permission);
  const both = () => ['a:1', 'c:1'].forEach((address) => store(brokerOf(cluster, address), 'orders'));
  const planned = await planScaleOut(cluster.desk, spec, io);
  const trip = await travel(cluster, scaleOut, planned, {
    events: [[20, look], ...every([60, 70, 80, 90, 100], both)],
  });
  expect(seen).toEqual([4]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect([...brokerOf(cluster, 'c:1').groups]).toEqual([['billing', '{"groupName":"billing"}']]);
  expect(inEnglish(trip.state.steps.at(-1)?.evidence).join()).toContain(
    'topics whose producers write to the broker: 1',
  );
});

test('names a topic that is written to on other brokers but not on the new one', async () => {
  const cluster = trio();
  const planned = await planScaleOut(cluster.desk, spec, io);
  const events = every([60, 70, 80, 90, 150], () => store(brokerOf(cluster, 'a:1'), 'orders'));
  const trip = await travel(cluster, scaleOut, planned, { events });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-traffic' });
  expect(trip.said).toContain('written to on other brokers, but not on broker-c: orders');
});

test('does not wait for a topic that an order configuration keeps on the other brokers', async () => {
  const cluster = trio();
  const planned = await planScaleOut(cluster.desk, spec, io);
  for (const server of cluster.desk.namesrv) await cluster.desk.setOrder(server, 'orders', 'broker-a:4;broker-b:4', io);
  const events = every([60, 70, 80, 90, 150], () => store(brokerOf(cluster, 'a:1'), 'orders'));
  const trip = await travel(cluster, scaleOut, planned, { events });
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(inEnglish(trip.state.steps.at(-1)?.evidence).join()).toContain(
    'keeps producers on the other brokers: topics orders',
  );
});

test('names a group that is online on other brokers but not on the new one', async () => {
  const cluster = trio();
  brokerOf(cluster, 'a:1').online.set('billing', { clients: ['c'], topics: ['orders'] });
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  expect(trip.said).toContain('online on other brokers, but not on this one: groups billing');
});

test('waits for a broker that is not started, with instructions for the operator', async () => {
  const cluster = trio();
  brokerOf(cluster, 'c:1').isUp = false;
  const planned = await planScaleOut(cluster.desk, spec, io);
  expect(planned.holds).toMatchObject([{ what: 'broker-c is not started: no name server lists a master of it' }]);
  const events = [[30, () => void (brokerOf(cluster, 'c:1').isUp = true)]] as const;
  const trip = await travel(cluster, scaleOut, planned, { events });
  expect(trip.said).toContain('change brokerName=broker-c, brokerIP1 and the store paths');
  expect(trip.done).toContain('copy-topics');
});

test('different settings hold the change before anything is defined', async () => {
  const cluster = trio();
  brokerOf(cluster, 'c:1').settings.set('fileReservedTime', '48');
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io), { wait: 20 });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-alike' });
  expect(trip.said).toContain('fileReservedTime is 48, and 72 on broker-a');
  expect(brokerOf(cluster, 'c:1').topics.size).toBe(0);
});

const user = (name: string, over: Partial<BrokerUser> = {}): BrokerUser => ({
  name,
  type: 'normal',
  isEnabled: true,
  ...over,
});
const rule = (name: string, sources: string[] = []): AclRule => ({
  subject: 'User:shop',
  decision: 'allow',
  actions: ['SUB', 'PUB'],
  resource: 'topic',
  name,
  sources,
});

function guarded(...keys: readonly string[]): FakeCluster {
  const cluster = trio();
  for (const { settings } of cluster.brokers.values()) for (const key of keys) settings.set(key, 'true');
  return cluster;
}

test('users and rules that the new broker lacks hold the change before its clients are refused', async () => {
  const cluster = guarded('authenticationEnabled', 'authorizationEnabled');
  const [other, own] = [brokerOf(cluster, 'a:1'), brokerOf(cluster, 'c:1')];
  const root = user('root', { type: 'super' });
  other.users.push(root, user('shop'), user('audit'), user('former', { isEnabled: false }));
  own.users.push(root, user('audit', { isEnabled: false }));
  other.rules.push(rule('orders'), rule('refunds', ['10.0.0.0/8']));
  own.rules.push({ ...rule('orders'), actions: ['PUB', 'SUB'] }, rule('refunds', ['10.1.0.0/16']));
  const planned = await planScaleOut(cluster.desk, spec, io);
  const where = 'is on broker-a and not on broker-c (ops rocketmq alter-user, alter-acl)';
  expect(planned.holds?.map(({ what }) => what)).toEqual([
    `enabled user shop (normal) ${where}`,
    `enabled user audit (normal) ${where}`,
    `rule User:shop allow PUB+SUB on topic:refunds from 10.0.0.0/8 ${where}`,
  ]);
  const trip = await travel(cluster, scaleOut, planned, { wait: 20 });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-alike' });
  expect(own.topics.size).toBe(0);
});

test('users of a cluster without authorization are compared, and no rules are read', async () => {
  const cluster = guarded('authenticationEnabled');
  await planScaleOut(cluster.desk, spec, io);
  expect(cluster.asked.filter((question) => /^(users|acls) /.test(question))).toEqual(['users c:1', 'users a:1']);
});

test('a cluster without access control is not asked for users', async () => {
  const cluster = trio();
  expect((await planScaleOut(cluster.desk, spec, io)).holds).toEqual([]);
  expect(cluster.asked.filter((question) => /^(users|acls) /.test(question))).toEqual([]);
});

test('users that may not be read hold the change with the reason, and --accept-drift goes on', async () => {
  const cluster = guarded('authenticationEnabled');
  cluster.fault = (question) => {
    if (!question.startsWith('users')) return;
    throw new AppError('credentials-refused', 'cannot list the users on c:1: no permission (Cluster:lab GET)');
  };
  const why = 'users and rules of broker-c and broker-a are not compared (cannot list the users on c:1';
  const planned = await planScaleOut(cluster.desk, spec, io);
  expect(planned.holds).toMatchObject([{ what: expect.stringContaining(why) }]);
  const trip = await travel(cluster, scaleOut, planned, { wait: 20 });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-alike' });
  const accepted = await planScaleOut(cluster.desk, { ...spec, acceptDrift: true }, io);
  expect(accepted.holds).toEqual([]);
  const further = await travel(cluster, scaleOut, accepted);
  expect(further.done).toContain('copy-topics');
  expect(further.said).toContain(`accepted by --accept-drift: ${why}`);
});

test('copies topics that only one other broker has, except dead-letter topics', async () => {
  const cluster = trio();
  brokerOf(cluster, 'b:1').topics.set('refunds', topicOf('refunds'));
  brokerOf(cluster, 'b:1').topics.set('%DLQ%billing', topicOf('%DLQ%billing'));
  const { facts } = await planScaleOut(cluster.desk, spec, io);
  expect(facts.topics.map(({ name }) => name)).toEqual(['orders', 'refunds']);
});

test('a rollback closes the new broker to writers and deletes nothing', async () => {
  const cluster = trio();
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  await trip.back();
  expect(brokerOf(cluster, 'c:1').topics.get('orders')?.permission).toBe(4);
});

test('a rollback closes the new broker to writers even without name servers', async () => {
  const cluster = trio();
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  cluster.servers.clear();
  await trip.back();
  expect(brokerOf(cluster, 'c:1').topics.get('orders')?.permission).toBe(4);
});

test('a rollback does not change topics that the broker served before', async () => {
  const cluster = trio();
  const broker = brokerOf(cluster, 'c:1');
  broker.topics.set('orders', topicOf('orders'));
  for (const name of ['refunds', 'returns']) brokerOf(cluster, 'a:1').topics.set(name, topicOf(name));
  broker.topics.set('returns', topicOf('returns', { permission: 4 }));
  const planned = await planScaleOut(cluster.desk, spec, io);
  expect(planned.findings).toContainEqual(
    expect.objectContaining({ code: 'closed-already', message: expect.stringContaining('returns') as string }),
  );
  const trip = await travel(cluster, scaleOut, planned);
  const permissions = () => ['orders', 'refunds', 'returns'].map((name) => broker.topics.get(name)?.permission);
  expect(permissions()).toEqual([6, 6, 6]);
  await trip.back();
  expect(permissions()).toEqual([6, 4, 4]);
});

test('a rollback keeps what others set on a topic that the broker had before', async () => {
  const cluster = trio();
  const broker = brokerOf(cluster, 'c:1');
  broker.topics.set('orders', topicOf('orders', { permission: 4 }));
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  broker.topics.set('orders', topicOf('orders', { permission: 2 }));
  await trip.back();
  expect(broker.topics.get('orders')?.permission).toBe(2);
});

test('a topic with an immutable attribute is copied, opened to producers, and closed again', async () => {
  const cluster = trio();
  const compacted = topicOf('orders', { attributes: { 'cleanup.policy': 'COMPACTION' } });
  for (const address of ['a:1', 'b:1']) brokerOf(cluster, address).topics.set('orders', compacted);
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  expect(trip.done).toContain('open-writes');
  expect(brokerOf(cluster, 'c:1').topics.get('orders')).toEqual(compacted);
  await trip.back();
  expect(brokerOf(cluster, 'c:1').topics.get('orders')).toEqual({ ...compacted, permission: 4 });
});

test('copies a group with its attributes', async () => {
  const cluster = trio();
  const definition = '{"groupName":"billing","attributes":{"priority.factor":"50"}}';
  for (const address of ['a:1', 'b:1']) brokerOf(cluster, address).groups.set('billing', definition);
  await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io));
  expect([...brokerOf(cluster, 'c:1').groups]).toEqual([['billing', definition]]);
});

test('neither a later step nor a rollback re-creates a topic that others deleted since', async () => {
  const cluster = trio();
  for (const name of ['refunds', 'returns']) brokerOf(cluster, 'a:1').topics.set(name, topicOf(name));
  const remove = (name: string) => ['a:1', 'c:1'].forEach((address) => brokerOf(cluster, address).topics.delete(name));
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io), {
    events: [[20, () => remove('refunds')]],
  });
  expect(trip.done).toContain('open-writes');
  remove('returns');
  await trip.back();
  expect([...brokerOf(cluster, 'c:1').topics.keys()]).toEqual(['orders']);
});

test('does not open a topic on the new broker that others closed to producers since the plan', async () => {
  const cluster = trio();
  for (const name of ['refunds', 'returns']) brokerOf(cluster, 'a:1').topics.set(name, topicOf(name));
  const broker = brokerOf(cluster, 'c:1');
  broker.topics.set('returns', topicOf('returns'));
  const close = (address: string, name: string) =>
    void brokerOf(cluster, address).topics.set(name, topicOf(name, { permission: 4 }));
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io), {
    events: [
      [20, () => close('a:1', 'refunds')],
      [21, () => close('c:1', 'returns')],
    ],
  });
  expect(['orders', 'refunds', 'returns'].map((name) => broker.topics.get(name)?.permission)).toEqual([6, 4, 4]);
  const opened = trip.state.steps.find(({ id }) => id === 'open-writes');
  expect(inEnglish(opened?.evidence)).toContain(
    'left as they are, since others deleted or closed them: refunds, returns',
  );
});

test('a topic of a restarting broker does not count as closed by others', async () => {
  const cluster = trio();
  const [restarted, added] = ['a:1', 'c:1'].map((address) => brokerOf(cluster, address));
  if (restarted === undefined || added === undefined) throw new Error('no broker');
  restarted.topics.set('refunds', topicOf('refunds'));
  const seen: unknown[] = [];
  const trip = await travel(cluster, scaleOut, await planScaleOut(cluster.desk, spec, io), {
    events: [
      [20, () => void (restarted.isUp = false)],
      [75, () => void seen.push(added.topics.get('refunds')?.permission)],
      [80, () => void (restarted.isUp = true)],
    ],
  });
  expect(seen).toEqual([4]);
  expect(trip.said).toContain('blocked: broker-a has no master now');
  expect(trip.done).toContain('open-writes');
  expect(added.topics.get('refunds')?.permission).toBe(6);
});

/** Broker-0 of another cluster is behind the same name servers, with another topic and group. */
function twoClusters() {
  const cluster = trio();
  const foreign = fakeBroker('broker-0', {
    topics: new Map([
      ['orders', topicOf('orders')],
      ['invoices', topicOf('invoices')],
    ]),
    groups: new Map([['ledger', '{"groupName":"ledger"}']]),
    online: new Map([['ledger', { clients: ['c'], topics: ['invoices'] }]]),
  });
  cluster.brokers.set('0:1', foreign);
  for (const [address, { settings }] of cluster.brokers) {
    settings.set('brokerClusterName', address === '0:1' ? 'finance' : 'sales');
  }
  return { cluster, foreign };
}

test('does not copy topics and groups of another cluster of the same name servers', async () => {
  const { cluster, foreign } = twoClusters();
  const planned = await planScaleOut(cluster.desk, spec, io);
  expect(planned.facts).toMatchObject({ like: 'broker-a', sources: ['broker-a', 'broker-b'] });
  const close = () => {
    for (const address of ['a:1', 'b:1']) {
      brokerOf(cluster, address).topics.set('orders', topicOf('orders', { permission: 4 }));
    }
  };
  const writes = every([60, 70, 80, 90, 100], () => store(foreign, 'orders'));
  const trip = await travel(cluster, scaleOut, planned, { events: [[20, close], ...writes] });
  expect(trip.arrival).toEqual({ kind: 'done' });
  const added = brokerOf(cluster, 'c:1');
  expect([...added.groups.keys()]).toEqual(['billing']);
  expect([...added.topics.keys()]).toEqual(['orders']);
  expect(added.topics.get('orders')?.permission, 'closed in its own cluster').toBe(4);
});

test('a broker that is not started joins the cluster of --like, which is required if there are several clusters', async () => {
  const { cluster } = twoClusters();
  brokerOf(cluster, 'c:1').isUp = false;
  await expect(planScaleOut(cluster.desk, spec, io)).rejects.toMatchObject({
    code: 'usage',
    message: 'cluster of broker-c unknown: it is not started, and the name servers serve finance, sales',
  });
  const { facts } = await planScaleOut(cluster.desk, { ...spec, like: 'broker-b' }, io);
  expect(facts.sources).toEqual(['broker-a', 'broker-b']);
});

test('detects a wrong brokerClusterName before and after the start', async () => {
  const { cluster } = twoClusters();
  const added = brokerOf(cluster, 'c:1');
  added.isUp = false;
  const planned = await planScaleOut(cluster.desk, { ...spec, like: 'broker-a' }, io);
  added.settings.set('brokerClusterName', 'slaes');
  added.isUp = true;
  await expect(planScaleOut(cluster.desk, { ...spec, like: 'broker-a' }, io)).rejects.toMatchObject({
    code: 'usage',
    message: 'broker-c is in cluster slaes, and broker-a in cluster sales',
  });
  await expect(planScaleOut(cluster.desk, spec, io)).rejects.toMatchObject({
    code: 'not-found',
    hint: expect.stringContaining('set brokerClusterName of broker-c') as string,
  });
  const trip = await travel(cluster, scaleOut, planned, { wait: 20 });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-alike' });
  expect(trip.said).toContain('brokerClusterName is slaes, and sales on broker-a');
});

test('DLedger groups may differ in names and peers', async () => {
  const cluster = trio();
  for (const { brokerName, settings } of cluster.brokers.values()) {
    settings.set('dLegerGroup', brokerName).set('dLegerPeers', `n0-${brokerName}:40911`);
  }
  expect((await planScaleOut(cluster.desk, spec, io)).holds).toEqual([]);
});
