import { expect, test } from 'vitest';
import { planScaleIn } from '../../../../ops/rocketmq/scale-in/plan-scale-in.ts';
import { scaleIn } from '../../../../ops/rocketmq/scale-in/scale-in.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { travel } from '../../../support/change-journey.ts';
import { AppError } from '../../../../core/errors.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { brokerOf, pair } from '../../../support/queue-change.ts';

const io = { signal: new AbortController().signal };
const plan = (cluster: FakeCluster, giveUpReplay = true) =>
  planScaleIn(
    cluster.desk,
    { brokerName: 'broker-b', quietSeconds: 10, ignoredGroups: [], giveUpReplay },
    new Date(0),
    io,
  );
const permit = (cluster: FakeCluster, permission: number) =>
  void brokerOf(cluster).settings.set('brokerPermission', String(permission));
const reopened = 'another tool or person set brokerPermission=6 on b:1: use --abort, or set it to 4';
const stopIt = 'broker-b:0 at b:1 still answers: stop it';
const committed = (offset: bigint) => [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, offset]]) }];

test.each([
  {
    at: 'see-delivered',
    waits: (cluster: FakeCluster) => void brokerOf(cluster).ends.set('SCHEDULE_TOPIC_XXXX 2', 5n),
    giveUpReplay: true,
  },
  {
    at: 'see-read',
    waits(cluster: FakeCluster) {
      brokerOf(cluster).ends.set('orders 0', 9n);
      brokerOf(cluster).commits = committed(4n);
    },
    giveUpReplay: true,
  },
  { at: 'see-expired', waits: () => undefined, giveUpReplay: false },
])('a broker that others reopened holds the step $at', async ({ at, waits, giveUpReplay }) => {
  const cluster = pair();
  waits(cluster);
  const trip = await travel(cluster, scaleIn, await plan(cluster, giveUpReplay), {
    events: [[40, () => permit(cluster, 6)]],
  });
  expect(trip.arrival).toMatchObject({ kind: 'held', step: at, holds: [{ what: reopened }] });
});

test('the retention of messages sent while a broker was reopened starts once it is quiet', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster, false), {
    wait: 400,
    events: [
      [40, () => permit(cluster, 6)],
      [150, () => permit(cluster, 4)],
    ],
  });
  const { arrival } = trip;
  if (arrival?.kind !== 'held') throw new Error('not held');
  expect(arrival.step).toBe('see-expired');
  expect(Number(arrival.holds[0]?.until) / 1000 - 72 * 3600).toBeGreaterThan(150);
});

test('a broker reopened before its operator stops it shows what would be lost', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [60, () => permit(cluster, 6)],
      [
        65,
        () => {
          store(broker, 'orders');
          broker.commits = committed(0n);
        },
      ],
      [70, () => permit(cluster, 4)],
    ],
  });
  expect(trip.said).toContain(reopened);
  expect(trip.arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [
      { what: expect.stringContaining('group billing has unread messages in orders: 1') as string },
      { what: stopIt },
    ],
  });
});

test('a stopped slave neither holds earlier steps nor hides what its master would lose', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  cluster.brokers.set('b:2', { ...brokerOf(cluster), brokerId: 1, settings: new Map(broker.settings) });
  const slave = brokerOf(cluster, 'b:2');
  const planned = await plan(cluster);
  broker.ends.set('orders 0', 9n);
  broker.commits = committed(4n);
  const trip = await travel(cluster, scaleIn, planned, {
    events: [
      [40, () => void (slave.isUp = false)],
      [50, () => void (broker.commits = committed(9n))],
      [70, () => void broker.ends.set('orders 0', 10n)],
    ],
  });
  expect(trip.arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [{ what: expect.stringContaining('unread messages in orders: 1') as string }, { what: stopIt }],
  });
});

test('a broker that was reopened and closed again before its operator stops it must become quiet again', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  const sendAndRead = () => {
    store(broker, 'orders');
    broker.commits = committed(broker.ends.get('orders 0') ?? 0n);
  };
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [60, () => permit(cluster, 6)],
      [70, () => permit(cluster, 4)],
      ...[75, 77, 79].map((second) => [second, sendAndRead] as const),
    ],
  });
  expect(trip.said).toContain(`10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders\n  blocked: ${stopIt}`);
  expect(trip.said).toContain(`waiting for 10 s without messages\n  blocked: ${stopIt}`);
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'stop', holds: [{ what: stopIt }] });
  expect(trip.state.facts).toMatchObject({ wasReopened: false });
});

/** Moves the broker like a container that starts on another host, with the settings of its image. */
function startElsewhere(cluster: FakeCluster) {
  const { settings, ...broker } = brokerOf(cluster);
  brokerOf(cluster).isUp = false;
  cluster.brokers.set('b:2', { ...broker, settings: new Map([...settings, ['brokerPermission', '6']]) });
}

test('a broker that registers at another address, open to producers, is not stopped with unread messages', async () => {
  const cluster = pair();
  const moved = () => cluster.brokers.get('b:2');
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [40, () => startElsewhere(cluster)],
      [
        60,
        () => {
          moved()?.settings.set('brokerPermission', '4');
          moved()?.ends.set('orders 0', 9n);
          if (moved() !== undefined) brokerOf(cluster, 'b:2').commits = committed(4n);
        },
      ],
    ],
  });
  expect(trip.said).toContain('another tool or person set brokerPermission=6 on b:2: use --abort, or set it to 4');
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'stop' });
  const unread = 'group billing has unread messages in orders: 5 (no client of it is online)';
  const holds = trip.arrival?.kind === 'held' ? trip.arrival.holds.map(({ what }) => what) : [];
  expect(holds).toEqual([expect.stringContaining(unread), 'broker-b:0 at b:2 still answers: stop it']);
});

test('a member that still runs at its former address must be stopped, too', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [40, () => startElsewhere(cluster)],
      [50, () => void brokerOf(cluster, 'b:2').settings.set('brokerPermission', '4')],
      // Of two members with one id, name servers list the one that registered last.
      [60, () => void (brokerOf(cluster).isUp = true)],
    ],
  });
  const holds = trip.arrival?.kind === 'held' ? trip.arrival.holds.map(({ what }) => what) : [];
  expect(holds).toEqual([stopIt, 'broker-b:0 at b:2 still answers: stop it']);
});

test('a member at its former address does not hide what the serving member would lose', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [
        40,
        () => {
          const ends = new Map([['orders 0', 9n]]);
          const { settings, ...broker } = brokerOf(cluster);
          cluster.brokers.set('b:2', { ...broker, settings: new Map(settings), ends, commits: committed(4n) });
        },
      ],
    ],
  });
  const unread = expect.stringContaining('group billing has unread messages in orders: 5') as string;
  const holds = trip.arrival?.kind === 'held' ? trip.arrival.holds.map(({ what }) => what) : [];
  expect(holds).toEqual([unread, stopIt, 'broker-b:0 at b:2 still answers: stop it']);
});

test('a member at an address that only the second name server lists must be stopped, too', async () => {
  const servers = ['ns1:9876', 'ns2:9876'];
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') }, servers);
  for (const { settings } of cluster.brokers.values()) settings.set('namesrvAddr', servers.join(';'));
  const { listings } = cluster.desk;
  const [former] = await listings(io);
  let isBehind = false;
  cluster.desk.listings = async (...of) =>
    (await listings(...of)).map((now) => (isBehind && now.server === former?.server ? former : now));
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [
        40,
        () => {
          isBehind = true;
          startElsewhere(cluster);
        },
      ],
    ],
  });
  expect(trip.arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [
      { what: 'another tool or person set brokerPermission=6 on b:2: use --abort, or set it to 4' },
      { what: 'broker-b:0 at b:2 still answers: stop it' },
    ],
  });
});

/** Puts another broker on the host of a broker that has moved. */
function replace(cluster: FakeCluster) {
  startElsewhere(cluster);
  brokerOf(cluster, 'b:2').settings.set('brokerPermission', '4');
  cluster.brokers.set('b:1', fakeBroker('broker-c'));
}

test('does not wait for another broker at the former address of a member', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [40, () => replace(cluster)],
      [60, () => void (brokerOf(cluster, 'b:2').isUp = false)],
    ],
  });
  expect(trip.said).toContain('b:1 is the address of another broker by now');
  expect(trip.arrival).toEqual({ kind: 'done' });
});

test('an abort does not change another broker at the former address of a member', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster), { events: [[40, () => replace(cluster)]] });
  const other = brokerOf(cluster).settings;
  const moved = brokerOf(cluster, 'b:2');
  other.set('brokerPermission', '4');
  moved.isUp = false;
  await expect(trip.back()).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining('another broker by now, and no name server lists broker-b:0') as string,
  });
  moved.isUp = true;
  await trip.back();
  expect(trip.state.status).toBe('rolled-back');
  expect([other, moved.settings].map((each) => each.get('brokerPermission'))).toEqual(['4', '6']);
});

test('an abort also reopens a member that is temporarily not listed at its former address', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster));
  const broker = brokerOf(cluster);
  // Of two members with one id, name servers list the one that registered last.
  cluster.brokers.set('b:2', { ...broker, settings: new Map(broker.settings) });
  await trip.back();
  expect(trip.state.status).toBe('rolled-back');
  expect([broker, brokerOf(cluster, 'b:2')].map(({ settings }) => settings.get('brokerPermission'))).toEqual([
    '6',
    '6',
  ]);
});

test('an abort reopens a closed broker at its new address', async () => {
  const cluster = pair();
  const trip = await travel(cluster, scaleIn, await plan(cluster));
  startElsewhere(cluster);
  brokerOf(cluster, 'b:2').settings.set('brokerPermission', '4');
  await trip.back();
  expect(trip.state.status).toBe('rolled-back');
  expect(brokerOf(cluster, 'b:2').settings.get('brokerPermission')).toBe('6');
  const texts = trip.state.log.map(({ says }) => says);
  expect(texts).toContain('b:1 does not answer; broker-b:0 may still have brokerPermission=4 there');
});

test('a broker that an order configuration lists again does not count as removed', async () => {
  const cluster = pair();
  // A topic may be ordered on some of its brokers only, here on the one that is stopped.
  brokerOf(cluster).topics.set('orders', topicOf('orders', { order: true }));
  const naming = (topic: string) => void cluster.orders.set(`ns1:9876 ${topic}`, 'broker-a:2;broker-b:2');
  naming('orders');
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [40, () => naming('orders')],
      [
        45,
        () => {
          brokerOf(cluster, 'a:1').topics.set('paid', topicOf('paid', { order: true }));
          naming('paid');
        },
      ],
      [50, () => void (brokerOf(cluster).isUp = false)],
    ],
  });
  const what =
    'name server ns1:9876 has broker-b in the order configuration of orders, paid, so producers cannot send some of their keys: remove it there (mqadmin updateOrderConf)';
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-gone', holds: [{ what }] });
});

test('a broker that registers again before its routes are read does not count as removed', async () => {
  const cluster = pair();
  const former = await cluster.desk.route('ns1:9876', 'orders', io);
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [
        60,
        () => {
          brokerOf(cluster).isUp = false;
          cluster.desk.route = async () => former;
        },
      ],
    ],
  });
  const holds = [{ what: 'routes still contain broker-b: orders', until: expect.any(Date) as Date }];
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-gone', holds });
});

test('a broker of another cluster that refuses access does not block the end of a scale-in', async () => {
  const cluster = pair();
  const { settings } = fakeBroker('');
  const other = { settings: new Map([...settings, ['brokerClusterName', 'other']]), topics: new Map() };
  cluster.brokers.set('x:1', fakeBroker('broker-x', other));
  cluster.fault = (question) => {
    if (question.endsWith(' x:1')) throw new AppError('credentials-refused', 'x:1 refused access');
  };
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [[60, () => void (brokerOf(cluster).isUp = false)]],
  });
  expect([trip.arrival, trip.fault]).toEqual([{ kind: 'done' }, undefined]);
});

test('a broker that has become the only one to accept messages is not stopped', async () => {
  const cluster = pair();
  const other = brokerOf(cluster, 'a:1').settings;
  const trip = await travel(cluster, scaleIn, await plan(cluster), {
    events: [
      [40, () => void other.set('brokerPermission', '4')],
      [60, () => void other.set('brokerPermission', '6')],
      [70, () => void brokerOf(cluster).topics.set('refunds', topicOf('refunds'))],
    ],
  });
  expect(trip.said).toContain('no other broker accepts messages now');
  expect(trip.arrival).toMatchObject({
    kind: 'held',
    step: 'stop',
    holds: [
      {
        what: 'no other broker accepts messages for the topics refunds now: define them on another, or use --abort',
      },
      { what: stopIt },
    ],
  });
});
