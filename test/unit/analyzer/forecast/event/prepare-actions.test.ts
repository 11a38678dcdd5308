import { expect, test } from 'vitest';
import { prepareActions } from '../../../../../analyzer/forecast/event/prepare-actions.ts';
import type { EventState } from '../../../../../analyzer/forecast/event/prepared.ts';
import type { ActionKind } from '../../../../../core/prepared-action.ts';
import { measuredOrders } from '../../../../support/capacity-report-inputs.ts';

/** Safe at 25,000 msg/s; limited by network-out. */
const state: EventState = {
  cluster: 'orders',
  broker: 'kafka',
  verdict: measuredOrders,
  peak: { mid: 30_000, high: 36_000 },
  topics: new Map([
    ['small', 2000],
    ['big', 12_000],
    ['middle', 6000],
  ]),
  brokers: new Map([
    ['1', 12_000],
    ['2', 4000],
    ['3', 4000],
  ]),
  clientIds: new Map([
    ['big', 'shop'],
    ['middle', 'billing'],
  ]),
  messageBytes: new Map(['small', 'big', 'middle'].map((topic) => [topic, 1000])),
  partitions: new Map(
    ['small', 'big', 'middle'].map((topic) => [topic, new Map(['1', '2', '3'].map((id) => [id, 2]))]),
  ),
};
const of = (lever: ActionKind, over: Partial<EventState> = {}) =>
  prepareActions({ ...state, ...over }).find((each) => each.lever === lever);

test('a quota throttles the largest clients until the expected peak is within the safe maximum', () => {
  const quota = of('quota');
  expect(quota).toMatchObject({ kind: 'ready', gain: { low: 5600, high: 11_000 } });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  expect(quota.targets.map(({ name }) => name)).toEqual(['big', 'middle']);
  expect(quota.evidence).toContain('after compression: 1 kB on average');
  expect(quota.evidenceZh).toContain('平均 1 kB');
  const held = quota.targets.reduce((sum, { toTps = 0 }) => sum + toTps, 0);
  // The 10% of unthrottled load has grown to 3,600 at the upper end of the forecast.
  expect(held + 3600).toBeCloseTo(25_000, 6);
  // 14,266.7 msg/s of 1,000 bytes on three brokers.
  expect(quota.commands[0]).toBe(
    'plimsoll ops kafka alter-quotas --cluster orders --client shop --set producer_byte_rate=4755556',
  );
});

test('a client of several topics has one quota for all of them', () => {
  const clientIds = new Map(['big', 'middle', 'small'].map((topic) => [topic, 'shop']));
  const quota = of('quota', { clientIds });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  expect(quota.commands).toHaveLength(1);
  // All of the load is throttled to the safe maximum: 25,000 msg/s of 1,000 bytes on three brokers.
  expect(quota.commands[0]).toContain('--client shop --set producer_byte_rate=8333333');
});

test('a quota is computed from the message size in the topics, not from that of the load test', () => {
  const run = { ...measuredOrders.run, messageBytes: 1000 };
  const messageBytes = new Map([
    ['big', 200],
    ['middle', 4000],
  ]);
  const quota = of('quota', { verdict: { ...measuredOrders, run } as EventState['verdict'], messageBytes });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  // 14,266.7 msg/s of 200 bytes and 7,133.3 msg/s of 4,000 bytes, each on three brokers.
  expect(quota.commands.map((command) => command.split('=').at(-1))).toEqual(['951111', '9511111']);
});

test('a quota is not offered if its command would be incomplete', () => {
  const reason = (over: Partial<EventState>) => of('quota', over);
  expect(reason({ clientIds: new Map() })).toMatchObject({ kind: 'no-gain', reason: 'no-client-ids' });
  const messageBytes = new Map([['big', 1000]]);
  expect(reason({ messageBytes })).toMatchObject({ kind: 'no-gain', reason: 'no-message-size' });
  const unread = { kind: 'no-gain', reason: 'not-read-yet' };
  expect(reason({ partitions: new Map() })).toMatchObject(unread);
  expect(reason({ partitions: new Map([['big', new Map([['1', 6]])]]) })).toMatchObject(unread);
});

test('a quota applies per leader of the client, and the leaders together reach the target rate', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
  const shared: Partial<EventState> = {
    verdict: { ...measuredOrders, safeMaxTps: { ...measuredOrders.safeMaxTps, tps: 100_000 } as never },
    peak: { mid: 110_000, high: 120_000 },
    topics: new Map([
      ['orders', 80_000],
      ['rest', 20_000],
    ]),
    brokers: new Map(names(30).map((id) => [id, 100_000 / 30])),
    clientIds: new Map([['orders', 'order-service']]),
    messageBytes: new Map([['orders', 1000]]),
  };
  const rateWith = (leaders: ReadonlyMap<string, number>) => {
    const quota = of('quota', { ...shared, partitions: new Map([['orders', leaders]]) });
    return quota?.kind === 'ready' ? quota.commands.map((command) => command.split('=').at(-1)) : quota?.reason;
  };
  // 76,000 msg/s of 1,000 bytes on six of thirty brokers.
  expect(rateWith(new Map(names(6).map((id) => [id, 1])))).toEqual(['12666667']);
  // At the peak the first broker receives 48 MB/s and the others 24 MB/s each: the quota passes 28 + 24 + 24 MB/s.
  expect(rateWith(new Map(Object.entries({ '1': 2, '2': 1, '3': 1 })))).toEqual(['28000000']);
  // 57.6, 19.2 and 19.2 MB/s: the quota passes 37.6 + 19.2 + 19.2 MB/s.
  expect(rateWith(new Map(Object.entries({ '1': 3, '2': 1, '3': 1 })))).toEqual(['37600000']);
});

test('a quota leaves room for topics that are excluded by the config', () => {
  const quota = of('quota', {
    topics: new Map([['orders-new', 8000]]),
    clientIds: new Map([['orders-new', 'shop']]),
    messageBytes: new Map([['orders-new', 1000]]),
    partitions: new Map([['orders-new', new Map([['1', 1]])]]),
    peak: { mid: 26_000, high: 30_000 },
  });
  // The excluded 12,000 of 20,000 msg/s grow to 18,000 of the safe 25,000.
  expect(quota).toMatchObject({ kind: 'ready', targets: [{ name: 'orders-new', nowTps: 8000, toTps: 7000 }] });
});

test('a quota is not offered while the rate of a topic of its client is unknown', () => {
  const clientIds = new Map([...(state.clientIds ?? []), ['unread', 'shop']]);
  const none = { kind: 'no-gain', lever: 'quota', reason: 'no-topic-rates' };
  expect(of('quota', { clientIds })).toEqual(none);
  // A topic without messages has a rate of 0, and a client that is not throttled needs no rate.
  const topics = new Map([...state.topics, ['unread', 0]]);
  expect(of('quota', { clientIds, topics })).toMatchObject({ kind: 'ready' });
  const ofOther = new Map([...clientIds, ['unread', 'other']]);
  expect(of('quota', { clientIds: ofOther })).toMatchObject({ kind: 'ready' });
});

test('a quota that would nearly stop its clients is not offered', () => {
  // 10% of the load; the rest grows to 32,400 msg/s, above the safe maximum of 25,000.
  const clientIds = new Map([['small', 'reports']]);
  const none = { kind: 'no-gain', lever: 'quota' };
  expect(of('quota', { clientIds })).toEqual({ ...none, reason: 'rest-above-limit' });
  // 100 of 2,000 msg/s would remain.
  const peak = { mid: 26_000, high: 24_900 / 0.9 };
  expect(of('quota', { clientIds, peak })).toEqual({ ...none, reason: 'cut-too-deep' });
});

test('RocketMQ has no quota, and closing topics for writes is not offered instead', () => {
  expect(of('quota', { broker: 'rocketmq' })).toEqual({
    kind: 'no-gain',
    lever: 'quota',
    reason: 'no-quota-in-broker',
  });
});

test('a peak below the safe maximum needs no quota, and an unknown peak yields none', () => {
  const none = { kind: 'no-gain', lever: 'quota', reason: 'load-below-limit' };
  expect(of('quota', { peak: { mid: 20_000, high: 24_000 } })).toEqual(none);
  const { peak: _, ...rest } = state;
  expect(prepareActions(rest)).toContainEqual({ ...none, reason: 'no-forecast' });
});

test('with an unknown safe maximum, no action claims that the load stays below it', () => {
  const verdict: EventState['verdict'] = { ...state.verdict, safeMaxTps: { kind: 'unknown', missing: [] } };
  for (const lever of ['quota', 'leader-move'] as const) {
    expect(of(lever, { verdict })).toEqual({ kind: 'no-gain', lever, reason: 'no-safe-maximum' });
  }
});

test('moving leaders gains the difference between the busiest broker and the mean', () => {
  // 12,000 is 1.8 times the mean of 6,667: the cluster now saturates at 25,000 / 1.8.
  const move = of('leader-move');
  if (move?.kind !== 'ready') throw new Error('no move');
  expect(move.gain.high).toBeCloseTo(25_000 * (1 - 1 / 1.8), 6);
  expect(move.gain.low).toBe(move.gain.high);
});

test('with a safe rate per broker, the rate of an even spread is their harmonic mean', () => {
  const perBroker = [20_000, 30_000, 30_000].map((safeTps, index) => ({ broker: String(index), safeTps }));
  const move = of('leader-move', { verdict: { ...state.verdict, perBroker } });
  if (move?.kind !== 'ready') throw new Error('no move');
  expect(move.gain.high).toBeCloseTo((3 / (1 / 20_000 + 2 / 30_000)) * (1 - 1 / 1.8), 6);
});

test('an action without gain states the reason', () => {
  const reason = (lever: ActionKind, over: Partial<EventState> = {}) => {
    const found = of(lever, over);
    return found?.kind === 'no-gain' ? found.reason : found?.kind;
  };
  const safeMaxTps = { ...measuredOrders.safeMaxTps, limitedBy: { resource: 'disk-io', node: '1' } } as never;
  expect(reason('leader-move', { verdict: { ...state.verdict, safeMaxTps } })).toBe('copies-cost-the-same');
  expect(reason('leader-move', { brokers: new Map() })).toBe('no-broker-rates');
  expect(reason('leader-move', { brokers: new Map([['1', 5000]]) })).toBe('one-broker');
  const unknown = { kind: 'unknown' as const, missing: [] };
  expect(reason('leader-move', { verdict: { ...state.verdict, safeMaxTps: unknown } })).toBe('no-safe-maximum');
  expect(reason('leader-move', { brokers: new Map(['1', '2'].map((id) => [id, 0])) })).toBe('evenly-spread');
  const ofOneBroker = {
    brokers: new Map([['broker-a', 5000]]),
    partitions: new Map([['big', new Map([['broker-a', 8]])]]),
  };
  expect(reason('queue-spread', { broker: 'rocketmq', ...ofOneBroker })).toBe('one-broker');
  expect(
    reason('leader-move', {
      brokers: new Map([
        ['1', 5000],
        ['2', 5100],
      ]),
    }),
  ).toBe('evenly-spread');
  expect(reason('retention')).toBe('no-retention-limit');
  expect(reason('quota', { topics: new Map() })).toBe('no-topic-rates');
});

test.each([
  ['kafka', ['leader-move', 'quota', 'retention']],
  ['rocketmq', ['queue-spread', 'quota', 'retention']],
] as const)('actions that %s does not have are not mentioned', (broker, names) => {
  expect(
    prepareActions({ ...state, broker })
      .map(({ lever }) => lever)
      .toSorted(),
  ).toEqual([...names].toSorted());
});

test('RocketMQ queues are added on the broker with the lowest rate', () => {
  const of8 = new Map(['1', '2', '3'].map((broker) => [broker, 8]));
  const spread = of('queue-spread', { broker: 'rocketmq', partitions: new Map([['big', of8]]) });
  if (spread?.kind !== 'ready') throw new Error('no spread');
  // A third of the topic, and the 2,667 of its 12,000 msg/s that broker 3 is below the mean: 5/9 of 36 queues.
  expect(spread.commands).toEqual(['plimsoll ops rocketmq queues --cluster orders --topic big --to 20 --broker 3']);
  const unread = of('queue-spread', { broker: 'rocketmq', partitions: new Map() });
  expect(unread).toMatchObject({ kind: 'no-gain', reason: 'not-read-yet' });
});

test('slaves do not count in the even spread of RocketMQ groups', () => {
  const perBroker = [
    ['broker-a:0', 20_000],
    ['broker-a:1', 60_000],
    ['broker-b:0', 30_000],
    ['broker-b:1', 60_000],
  ] as const;
  const verdict = { ...state.verdict, perBroker: perBroker.map(([broker, safeTps]) => ({ broker, safeTps })) };
  const brokers = new Map([
    ['broker-a', 12_000],
    ['broker-b', 4000],
  ]);
  const partitions = new Map([['big', new Map([...brokers.keys()].map((broker) => [broker, 8]))]]);
  const spread = of('queue-spread', { broker: 'rocketmq', verdict, brokers, partitions });
  if (spread?.kind !== 'ready') throw new Error('no spread');
  // The harmonic mean of the masters is 24,000; broker-a has 1.5 times the mean.
  expect(spread.gain.high).toBeCloseTo(24_000 * (1 - 1 / 1.5), 6);
});

const retention = { tps: 9000, retentionSeconds: 259_200, limitedBy: { resource: 'disk-space', node: '1' } } as const;
const stored = { ...state.verdict, retention };

test('half the retention doubles the retention limit, up to the safe maximum', () => {
  expect(of('retention', { verdict: stored })).toMatchObject({ gain: { low: 3000, high: 9000 } });
  const nearSafe = { ...stored, retention: { ...retention, tps: 20_000 } };
  expect(of('retention', { verdict: nearSafe })).toMatchObject({ gain: { low: 5000, high: 5000 } });
});

test('a shorter retention gains nothing if disk space is not the limit', () => {
  const none = { kind: 'no-gain', lever: 'retention', reason: 'disk-space-suffices' };
  expect(of('retention', { verdict: stored, peak: { mid: 6000, high: 8000 } })).toEqual(none);
  const large = { ...stored, retention: { ...retention, tps: 26_000 } };
  expect(of('retention', { verdict: large })).toEqual(none);
  const safeMaxTps = { ...measuredOrders.safeMaxTps, limitedBy: retention.limitedBy } as never;
  const limited = { ...stored, safeMaxTps };
  expect(of('retention', { verdict: limited, peak: { mid: 6000, high: 8000 } })).toMatchObject({ kind: 'ready' });
});

test('a retention command is offered only if the configured retention is known to be longer', () => {
  const commands = (broker: 'kafka' | 'rocketmq', hours?: string) => {
    const fingerprint = hours === undefined ? {} : { 'broker.settings.fileReservedTime': hours };
    const action = of('retention', { broker, verdict: { ...stored, fingerprint } });
    return action?.kind === 'ready' ? action.commands : expect.fail(action?.reason);
  };
  expect(commands('kafka', '72')).toEqual([]);
  expect([commands('rocketmq'), commands('rocketmq', '36'), commands('rocketmq', '24')]).toEqual([[], [], []]);
  expect(commands('rocketmq', '48')).toEqual([
    'plimsoll ops rocketmq alter-config --cluster orders --all-brokers --set fileReservedTime=36',
  ]);
  const kafka = of('retention', { verdict: stored });
  expect(kafka).toMatchObject({
    evidence: expect.stringContaining('No command is prepared'),
    evidenceZh: expect.stringContaining('不提供命令'),
  });
});

test('the action with the largest gain comes first', () => {
  const gains = prepareActions(state).map((lever) => (lever.kind === 'ready' ? lever.gain.high : -1));
  expect(gains).toEqual(gains.toSorted((a, b) => b - a));
});
