import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { fakeBroker, fakeCluster, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { travel } from '../../../support/change-journey.ts';
import { systemClock } from '../../../../core/clock.ts';
import { newList, type NameServersFacts } from '../../../../ops/rocketmq/name-servers/facts.ts';
import { nameServers } from '../../../../ops/rocketmq/name-servers/name-servers.ts';
import { planNameServers, type NameServersSpec } from '../../../../ops/rocketmq/name-servers/plan-name-servers.ts';

const io = { signal: new AbortController().signal };
const [first, second, third] = ['ns1:9876', 'ns2:9876', 'ns3:9876'];
const clusterOf = (list = `${first};${second}`) => {
  const settings = () => new Map([...fakeBroker('').settings, ['namesrvAddr', list]]);
  const brokers = ['a', 'b'].map(
    (name) => [`${name}:1`, fakeBroker(`broker-${name}`, { settings: settings() })] as const,
  );
  return fakeCluster(Object.fromEntries(brokers), list.split(';'));
};
const plan = (cluster: FakeCluster, spec: NameServersSpec) => planNameServers(cluster.desk, spec, io);
const lists = (cluster: FakeCluster) =>
  Array.from(cluster.brokers.values(), ({ settings }) => settings.get('namesrvAddr'));

test('a new name server is started, registered with every broker, and announced to clients when all have it', async () => {
  const cluster = clusterOf();
  const trip = await travel(cluster, nameServers, await plan(cluster, { add: third }), {
    events: [[20, () => void cluster.servers.add(third)]],
  });
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(trip.done).toEqual(['start-server', 'copy-orders', 'tell-brokers', 'see-registered']);
  expect(lists(cluster)).toEqual([`${first};${second};${third}`, `${first};${second};${third}`]);
  expect(trip.said).toContain(`can now use ${first};${second};${third}`);
});

test('does not announce a new name server to clients while a broker is missing there, and later suggests a restart', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  const planned = await plan(cluster, { add: third });
  const listings = cluster.desk.listings;
  cluster.desk.listings = async (within, of) =>
    (await listings(within, of)).map((listing) =>
      listing.server === third
        ? { ...listing, brokers: listing.brokers?.filter(({ brokerName }) => brokerName === 'broker-a') ?? [] }
        : listing,
    );
  const trip = await travel(cluster, nameServers, planned, { wait: 200 });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-registered' });
  expect(trip.said).toContain(`name server ${third} does not list broker-b:0: do not configure it in clients`);
  expect(trip.said).toContain('restart these brokers one at a time');
  expect(trip.said).not.toContain('can now use');
});

test('a removed name server is stopped first and then removed from the lists of brokers', async () => {
  const cluster = clusterOf();
  const planned = await plan(cluster, { remove: second });
  const early = await travel(cluster, nameServers, planned, { wait: 10 });
  expect(early.arrival).toMatchObject({ kind: 'held', step: 'stop-server' });
  expect(lists(cluster)).toEqual([`${first};${second}`, `${first};${second}`]);
  cluster.servers.delete(second);
  const trip = await travel(cluster, nameServers, await plan(cluster, { remove: second }));
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(lists(cluster)).toEqual([first, first]);
});

test('keeps a list that others changed while the change waited for the operator', async () => {
  const cluster = clusterOf();
  const other = `${first};${second};ns4:9876`;
  const trip = await travel(cluster, nameServers, await plan(cluster, { add: third }), {
    events: [
      [10, () => void cluster.brokers.get('b:1')?.settings.set('namesrvAddr', other)],
      [20, () => void cluster.servers.add(third)],
    ],
  });
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(lists(cluster)).toEqual([`${first};${second};${third}`, `${other};${third}`]);
  await trip.back();
  expect(lists(cluster)).toEqual([`${first};${second}`, other]);
});

test('a replacement is complete before the old name server stops', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  const planned = await plan(cluster, { remove: second, add: third });
  const stop = () => void cluster.servers.delete(second);
  const trip = await travel(cluster, nameServers, planned, { events: [[60, stop]] });
  expect(trip.done).toEqual([
    'start-server',
    'copy-orders',
    'tell-brokers-of-both',
    'see-registered-at-new',
    'stop-server',
    'tell-brokers',
    'see-registered',
  ]);
  expect(lists(cluster)).toEqual([`${first};${third}`, `${first};${third}`]);
});

test.each([{ add: third }, { add: third, remove: second }])(
  'copies the order configurations to a new name server: %o',
  async (spec) => {
    const cluster = clusterOf();
    cluster.servers.add(third);
    cluster.orders.set(`${second} orders`, 'broker-a:2');
    await travel(cluster, nameServers, await plan(cluster, spec));
    expect(cluster.orders.get(`${third} orders`)).toBe('broker-a:2');
  },
);

test('does not announce a name server that has a different order configuration', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  cluster.orders.set(`${second} orders`, 'broker-a:2');
  cluster.orders.set(`${third} orders`, 'broker-b:2');
  const trip = await travel(cluster, nameServers, await plan(cluster, { add: third }));
  const what = `${third} has another order configuration of orders than the others: set the same`;
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'copy-orders', holds: [{ what }] });
  expect(cluster.orders.get(`${third} orders`)).toBe('broker-b:2');
});

test('a rollback restores the lists of brokers', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  const trip = await travel(cluster, nameServers, await plan(cluster, { add: third }));
  await trip.back();
  expect(lists(cluster)).toEqual([`${first};${second}`, `${first};${second}`]);
});

/** @returns what the rollback of a step reports */
async function undone(cluster: FakeCluster, facts: NameServersFacts, id: string) {
  const steps = nameServers.steps(facts, { desk: cluster.desk, clock: systemClock });
  const step = steps.find((each) => each.id === id);
  return step !== undefined && 'run' in step.undo ? inEnglish(await step.undo.run?.(io)) : undefined;
}

test('a rollback keeps what others changed in the list of a broker', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  const planned = await plan(cluster, { add: third });
  await travel(cluster, nameServers, planned);
  const other = `${first};${third};ns4:9876`;
  cluster.brokers.get('b:1')?.settings.set('namesrvAddr', other);
  expect(await undone(cluster, planned.facts, 'tell-brokers')).toEqual([
    `broker-a:0: ${first};${second} again`,
    `broker-b:0: ${first};ns4:9876, as others changed it`,
  ]);
  expect(lists(cluster)).toEqual([`${first};${second}`, `${first};ns4:9876`]);
});

test('the rollback of a replacement restores the lists from either phase', async () => {
  const cluster = clusterOf();
  cluster.servers.add(third);
  const planned = await plan(cluster, { remove: second, add: third });
  const trip = await travel(cluster, nameServers, planned, {
    events: [[60, () => void cluster.servers.delete(second)]],
  });
  // The state after a process was stopped before it reached this broker.
  cluster.brokers.get('b:1')?.settings.set('namesrvAddr', `${first};${second};${third}`);
  expect(trip.arrival).toEqual({ kind: 'done' });
  await undone(cluster, planned.facts, 'tell-brokers');
  expect(lists(cluster)).toEqual([`${first};${second}`, `${first};${second}`]);
});

const codes = async (cluster: FakeCluster, spec: NameServersSpec) =>
  (await plan(cluster, spec)).findings.map(({ code }) => code);

test('refuses to remove the last name server, or the only one that lists a broker', async () => {
  expect(await codes(clusterOf(first), { remove: first })).toEqual(['last-name-server']);
  const cluster = clusterOf();
  cluster.brokers.get('b:1')?.settings.set('namesrvAddr', second ?? '');
  expect(await codes(cluster, { remove: second })).toEqual(['half-known']);
});

test('names a broker that was started without the setting', async () => {
  const cluster = clusterOf();
  const listings = await cluster.desk.listings(io);
  cluster.desk.listings = async () => listings;
  cluster.brokers.get('b:1')?.settings.delete('namesrvAddr');
  expect(await codes(cluster, { add: third })).toEqual(['no-setting']);
});

test('a new list drops the removed and appends the added name server, without duplicates', () => {
  expect(newList(' a:1; b:1;a:1', { add: 'c:1' })).toBe('a:1;b:1;c:1');
  expect(newList('a:1;b:1', { remove: 'b:1', add: 'c:1' })).toBe('a:1;c:1');
  expect(newList('a:1;b:1', { remove: 'b:1', add: 'b:1' })).toBe('a:1;b:1');
});
