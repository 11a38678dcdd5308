import { inEnglish } from '../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { plannedSteps } from '../../../../app/change/planned-steps.ts';
import { systemClock } from '../../../../core/clock.ts';
import { canonicalJson } from '../../../../ops/change/approvable-plan.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, store, type FakeCluster } from '../../../support/fake-change-desk.ts';
import { travel } from '../../../support/change-journey.ts';
import { brokerOf, delayed, lateCluster, pair, plan, sentTo, shown } from '../../../support/queue-change.ts';
import type { QueuesSpec } from '../../../../ops/rocketmq/queues/plan-queues.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';

test('a growing topic is opened to readers before writers', async () => {
  const cluster = pair();
  brokerOf(cluster, 'a:1').online.set('billing', { clients: ['c'], topics: ['orders'] });
  const seen: string[][] = [];
  const trip = await travel(cluster, queues, await plan(cluster), {
    events: [[30, () => void seen.push(shown(cluster))]],
  });
  expect(seen).toEqual([['4/2', '4/2']]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(trip.done).toEqual(['open-reads', 'let-settle', 'set-writes']);
  expect(shown(cluster)).toEqual(['4/4', '4/4']);
});

test('opens no queue to writers before readers if a slave without the change was elected in between', async () => {
  const cluster = pair();
  brokerOf(cluster, 'a:1').online.set('billing', { clients: ['c'], topics: ['orders'] });
  const seen: string[][] = [];
  const trip = await travel(cluster, queues, await plan(cluster), {
    events: [
      [30, () => void brokerOf(cluster).topics.set('orders', topicOf('orders'))],
      [90, () => void seen.push(shown(cluster))],
    ],
  });
  // Consumers get the same time to find the queues as before.
  expect(seen).toEqual([['4/2', '4/2']]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(shown(cluster)).toEqual(['4/4', '4/4']);
});

test('a change ends when electable followers have copied it, or soon after', async () => {
  for (const copies of [true, false]) {
    const cluster = pair();
    brokerOf(cluster).settings.set('enableControllerMode', 'true');
    cluster.brokers.set('b:9', fakeBroker('broker-b', { brokerId: 2 }));
    cluster.brokers.set('a:9', fakeBroker('broker-a', { brokerId: 1 }));
    const copy = () =>
      void brokerOf(cluster, 'b:9').topics.set('orders', topicOf('orders', { readQueues: 4, writeQueues: 4 }));
    const trip = await travel(cluster, queues, await plan(cluster), { events: copies ? [[12, copy]] : [] });
    const what = 'broker-b:2 at b:9 has not copied orders and has read queues 2, write queues 2';
    expect(trip.said).toContain(`blocked: ${what}; the block ends at `);
    expect(trip.said).not.toContain('a:9');
    expect(trip.arrival).toEqual({ kind: 'done' });
    const evidence = inEnglish(trip.state.steps.at(-1)?.evidence).join('; ');
    expect(evidence).toContain('broker-b: read queues 4, write queues 2 → read queues 4, write queues 4');
    if (copies) expect(evidence).not.toContain('b:9');
    else expect(evidence).toContain(`${what}: if it becomes the master, run this change again`);
  }
});

test('refuses to change the queues of a static topic', async () => {
  const cluster = pair();
  brokerOf(cluster).topics.set('orders', topicOf('orders', { isStatic: true }));
  await expect(plan(cluster)).rejects.toMatchObject({
    code: 'unsupported-broker',
    message: 'orders is a static topic, whose queues are mapped to brokers',
  });
});

test('does not wait if no group is online', async () => {
  const trip = await travel(pair(), queues, await plan(pair()), { wait: 5 });
  expect(trip.done).toContain('let-settle');
});

test('a shrinking topic is closed to writers, read, and only then closed to readers', async () => {
  const cluster = pair();
  const broker = brokerOf(cluster);
  broker.ends.set('orders 1', 9n);
  broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, 4n]]) }];
  const events = [
    [60, () => void broker.commits.splice(0, 1, { topic: 'orders', group: 'billing', byQueue: new Map([[1, 9n]]) })],
  ] as const;
  const seen: string[][] = [];
  const look = () => void seen.push(shown(cluster));
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }), { events: [[50, look], ...events] });
  expect(seen).toEqual([['2/1', '2/1']]);
  expect(trip.said).toContain('group billing has unread messages in orders: 5');
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(shown(cluster)).toEqual(['1/1', '1/1']);
});

test('queues stay readable until messages delayed earlier have arrived there and are read', async () => {
  const { cluster, broker, deliver } = lateCluster();
  const planned = await plan(cluster, { to: 1 });
  expect(planned.findings.map(({ code }) => code)).toEqual(['late-messages']);
  const seen: string[][] = [];
  const look = () => void seen.push(shown(cluster));
  const arrive = () => {
    store(broker, 'orders', delayed);
    deliver(4n);
    look();
  };
  const read = () => void (broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, 2n]]) }]);
  const trip = await travel(cluster, queues, planned, {
    events: [
      [50, arrive],
      [80, look],
      [85, read],
    ],
  });
  expect(trip.said).toContain('pending messages of delay level 3: 1 at broker-b');
  expect(trip.said).toContain('group billing has unread messages in orders: 1');
  expect(seen).toEqual([
    ['2/1', '2/1'],
    ['2/1', '2/1'],
  ]);
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(trip.done).toEqual(expect.arrayContaining(['see-quiet', 'see-late', 'see-read', 'close-reads']));
  expect(shown(cluster)).toEqual(['1/1', '1/1']);
});

test('delayed messages of other topics hold the step only for the longest delay', async () => {
  const { cluster } = lateCluster();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }));
  expect(trip.said).toContain('pending messages of delay level 3: 1 at broker-b');
  expect(trip.arrival).toEqual({ kind: 'done' });
});

test.each(['DELAY', 'TRANSACTION'])('a topic of type %s waits before any late message is found', async (type) => {
  const cluster = pair();
  for (const { topics } of cluster.brokers.values())
    topics.set('orders', topicOf('orders', { attributes: { 'message.type': type } }));
  const { facts } = await plan(cluster, { to: 1 });
  expect(facts.late).toEqual({ delaySeconds: [1, 5, 10], transactionSeconds: 966 });
  brokerOf(cluster).commits = [
    { topic: 'RMQ_SYS_TRANS_HALF_TOPIC', group: 'CID_RMQ_SYS_TRANS', byQueue: new Map([[0, 0n]]) },
  ];
  brokerOf(cluster).ends.set('RMQ_SYS_TRANS_HALF_TOPIC 0', 2n);
  const trip = await travel(cluster, queues, { subject: 'orders', facts }, { wait: 20 });
  expect(trip.said).toContain('2 pending half messages (transactions without outcome) at broker-b');
  expect(trip.arrival).toMatchObject({ kind: 'held', step: 'see-late' });
});

test.each([
  'SCHEDULE_TOPIC_XXXX',
  'rmq_sys_wheel_timer',
  'RMQ_SYS_TRANS_HALF_TOPIC',
  'RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC',
])('a topic whose first late messages still wait in %s waits for them, and another topic does not', async (keeping) => {
  const waitingIn = async (topic: string) => {
    const cluster = pair();
    const broker = brokerOf(cluster);
    broker.topics.set(keeping, topicOf(keeping, { readQueues: 18, writeQueues: 18 }));
    for (let message = 0; message < 40; message++) store(broker, keeping, { queueId: 2, properties: sentTo('other') });
    store(broker, keeping, { queueId: 2, properties: sentTo(topic) });
    return (await plan(cluster, { to: 1 })).facts.late;
  };
  expect(await waitingIn('orders')).toEqual({ delaySeconds: [1, 5, 10], transactionSeconds: 966 });
  expect(await waitingIn('other')).toBeUndefined();
});

test.each([
  {
    settings: new Map([
      ['transRocksDBEnable', 'true'],
      ['transWriteOriginTransHalfEnable', 'false'],
    ]),
    what: 'transactions without outcome cannot be counted (transRocksDBEnable) at broker-b',
  },
  {
    settings: new Map([
      ['timerRocksDBEnable', 'true'],
      ['timerMaxDelaySec', '900'],
    ]),
    what: 'timer messages cannot be counted (timerRocksDBEnable) at broker-b',
  },
])('messages that RocksDB cannot count are waited for as long as they may take: $what', async ({ settings, what }) => {
  const waited = async (wait: number) => {
    const { cluster, broker, deliver } = lateCluster();
    deliver(4n);
    for (const each of cluster.brokers.values()) {
      for (const [key, value] of settings) each.settings.set(key, value);
    }
    // As 5.5 reports them: all timers since the switch, and those of the wheel that receives none any more.
    broker.runtime.set('timerOffsetBehind', '500').set('timerCongestNum', '7');
    return await travel(cluster, queues, await plan(cluster, { to: 1 }), { wait });
  };
  const short = await waited(100);
  expect(short.arrival).toMatchObject({ kind: 'held', step: 'see-late' });
  expect(short.said).toContain(what);
  expect((await waited(1100)).arrival).toEqual({ kind: 'done' });
});

test('a topic without late messages does not wait for them', async () => {
  const cluster = pair();
  store(brokerOf(cluster), 'orders', { queueId: 1 });
  const { facts, findings } = await plan(cluster, { to: 1 });
  expect([facts.late, findings]).toEqual([undefined, []]);
});

/** The two plans of one command: the second is made under the lease, after the confirmation. */
async function planTwice(cluster: FakeCluster, meanwhile: () => void) {
  const first = await plan(cluster, { to: 1 });
  meanwhile();
  const again = await plan(cluster, { to: 1, foundLate: first.facts.late !== undefined });
  const exactOf = ({ facts }: typeof first) =>
    plannedSteps(queues.steps(facts, { desk: cluster.desk, clock: systemClock })).exact;
  return { isSame: canonicalJson(exactOf(first)) === canonicalJson(exactOf(again)), late: again.facts.late };
}

const late = { delaySeconds: [1, 5, 10], transactionSeconds: 966 };

test('waits for a delayed message that only the first plan finds among the newest, and keeps the steps', async () => {
  const { cluster, broker } = lateCluster();
  const pushOut = () => void broker.messages.splice(0);
  expect(await planTwice(cluster, pushOut)).toEqual({ isSame: true, late });
});

test('waits for a delayed message that only the second plan finds, and keeps the steps', async () => {
  const cluster = pair();
  const arrive = () => store(brokerOf(cluster), 'orders', delayed);
  expect(await planTwice(cluster, arrive)).toEqual({ isSame: true, late });
});

test('unread messages in the remaining queues do not hold the change', async () => {
  const cluster = pair();
  brokerOf(cluster).ends.set('orders 0', 9n);
  brokerOf(cluster).commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[0, 0n]]) }];
  expect((await travel(cluster, queues, await plan(cluster, { to: 1 }))).arrival).toEqual({ kind: 'done' });
});

// The client writes like a tool that still has the former number of queues.
test('names the clients that write to a removed queue', async () => {
  const cluster = pair();
  const events = [5, 8, 11, 14].map(
    (second) => [second, () => store(brokerOf(cluster), 'orders', { queueId: 1 })] as const,
  );
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }), { events });
  expect(trip.said).toContain('10.0.0.9@7 of shop at 10.0.0.9:40001 still sends: orders');
});

test('a new definition keeps all fields except the queues', async () => {
  const cluster = pair();
  const odd = {
    order: true,
    attributes: { 'message.type': 'NORMAL', 'cleanup.policy': 'COMPACTION' },
    filterType: 'MULTI_TAG',
    sysFlag: 1,
    permission: 4,
  };
  for (const { topics } of cluster.brokers.values()) topics.set('orders', topicOf('orders', odd));
  await travel(cluster, queues, await plan(cluster, { acceptKeyMoves: true }));
  expect(brokerOf(cluster).topics.get('orders')).toEqual(topicOf('orders', { ...odd, readQueues: 4, writeQueues: 4 }));
});

test.each([
  { to: 4, others: { readQueues: 6, writeQueues: 6 }, after: '6/6' },
  { to: 1, others: { readQueues: 3, writeQueues: 3 }, after: '3/3' },
])('a rollback from $to queues keeps and logs the queues that others set since', async (each) => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to: each.to }));
  brokerOf(cluster).topics.set('orders', topicOf('orders', each.others));
  await trip.back();
  expect(shown(cluster)).toEqual(['2/2', each.after]);
  expect(trip.state.status).toBe('rolled-back');
  const { readQueues, writeQueues } = each.others;
  expect(trip.state.log.map(({ says }) => says)).toContain(
    `broker-b: others changed orders to read queues ${readQueues}, write queues ${writeQueues}, which is kept`,
  );
});

test.each([
  { to: 1, after: ['2/2', '2/2'] },
  { to: 4, after: ['2/2', '2/2'] },
])('a rollback from $to queues needs no name server', async ({ to, after }) => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to }));
  cluster.servers.clear();
  await trip.back();
  expect(shown(cluster)).toEqual(after);
});

const codes = async (cluster: FakeCluster, over: Partial<QueuesSpec>) =>
  (await plan(cluster, over)).findings.map(({ severity, code }) => `${severity} ${code}`);

test('changes an ordered topic only if moving keys are accepted', async () => {
  const cluster = pair();
  brokerOf(cluster).topics.set('orders', topicOf('orders', { attributes: { 'message.type': 'FIFO' } }));
  expect(await codes(cluster, {})).toEqual(['critical order-moves']);
  expect(await codes(cluster, { acceptKeyMoves: true })).toEqual(['warning order-moves']);
});

test('an equal number of queues is nothing to do, and zero queues are refused', async () => {
  const cluster = pair();
  const { facts } = await plan(cluster, { to: 2 });
  expect(queues.steps(facts, { desk: cluster.desk, clock: systemClock })).toEqual([]);
  expect(await codes(cluster, { to: 2 })).toEqual(['info nothing-to-do']);
  expect(await codes(pair(), { to: 0 })).toEqual(['critical no-queue']);
});

test('suggests the nearest name for an unknown topic', async () => {
  await expect(plan(pair(), { topic: 'ordrs' })).rejects.toMatchObject({
    code: 'not-found',
    hint: 'did you mean orders?',
  });
  await expect(plan(pair(), { brokers: ['broker-x'] })).rejects.toMatchObject({ code: 'not-found' });
});

test('changes the order configuration of the name servers, which clients read, with the queues', async () => {
  const cluster = pair();
  const key = 'ns1:9876 orders';
  cluster.orders.set(key, 'broker-a:2;broker-b:2;broker-c:2');
  const trip = await travel(cluster, queues, await plan(cluster, { brokers: ['broker-b'] }));
  expect(trip.done).toEqual(['open-reads', 'let-settle', 'set-writes', 'set-order']);
  expect(cluster.orders.get(key)).toBe('broker-a:2;broker-b:4;broker-c:2');
  await trip.back();
  expect(cluster.orders.get(key)).toBe('broker-a:2;broker-b:2;broker-c:2');
});

test.each([
  { to: 1, codes: ['retries-unread'] },
  { to: 2, codes: [] },
])('a retry topic keeps the queues that brokers send retries to: $to of 4', async ({ to, codes }) => {
  const cluster = pair();
  const topic = '%RETRY%billing';
  const { topics, groups } = brokerOf(cluster);
  topics.set(topic, topicOf(topic, { readQueues: 4, writeQueues: 4 }));
  groups.set('billing', '{"groupName":"billing","retryQueueNums":2}');
  expect((await plan(cluster, { topic, to })).findings.map(({ code }) => code)).toEqual(codes);
});

test.each(['SCHEDULE_TOPIC_XXXX', 'RMQ_SYS_TRANS_HALF_TOPIC', 'rmq_sys_wheel_timer', 'lab'])(
  'refuses to change the queues of %s, which the broker uses internally',
  async (topic) => {
    const cluster = pair();
    brokerOf(cluster).topics.set(topic, topicOf(topic));
    await expect(plan(cluster, { topic })).rejects.toMatchObject({
      code: 'usage',
      message: `${topic} is an internal topic of RocketMQ: it is not changed`,
    });
  },
);

test('an approval of fewer queues includes the groups whose unread messages are not counted', async () => {
  const { desk } = pair();
  const exact = async (ignoredGroups: string[]) => {
    const { facts } = await plan(pair(), { to: 1, ignoredGroups });
    return plannedSteps(queues.steps(facts, { desk, clock: systemClock })).exact;
  };
  expect(await exact(['billing'])).not.toEqual(await exact([]));
});

test('names groups in broadcast mode when queues are removed', async () => {
  const cluster = pair();
  brokerOf(cluster).groups.set('caches', '{"groupName":"caches"}');
  brokerOf(cluster).online.set('caches', { clients: ['c'], topics: ['orders'], isBroadcast: true });
  expect((await plan(cluster)).findings).toEqual([]);
  expect((await plan(cluster, { to: 1 })).findings.map(({ code, message }) => [code, message])).toEqual([
    [
      'broadcast-not-counted',
      'caches consume in broadcast mode: their members keep their offsets themselves, so unread messages cannot be counted; check that they have read everything',
    ],
  ]);
});
