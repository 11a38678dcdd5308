import { expect, test } from 'vitest';
import { prepareActions } from '../../../../../analyzer/forecast/event/prepare-actions.ts';
import type { EventState } from '../../../../../analyzer/forecast/event/prepared.ts';
import type { ActionKind } from '../../../../../core/prepared-action.ts';
import { measuredOrders } from '../../../../support/capacity-report-inputs.ts';

/** Safe at 25,000; bound by network-out. */
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

test('a quota holds the largest clients back until the peak that calls for it is what is safe', () => {
  const quota = of('quota');
  expect(quota).toMatchObject({ kind: 'ready', gain: { low: 5600, high: 11_000 } });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  expect(quota.targets.map(({ name }) => name)).toEqual(['big', 'middle']);
  expect(quota.evidence).toContain('after compression: 1 kB on average');
  expect(quota.evidenceZh).toContain('平均 1 kB');
  const held = quota.targets.reduce((sum, { toTps = 0 }) => sum + toTps, 0);
  // The tenth that is not held back has grown to 3,600 at the upper end of the forecast.
  expect(held + 3600).toBeCloseTo(25_000, 6);
  // 14,266.7 messages/s of 1,000 bytes over three brokers.
  expect(quota.commands[0]).toBe(
    'plimsoll ops kafka alter-quotas --cluster orders --client shop --set producer_byte_rate=4755556',
  );
});

test('a client of several topics has one quota for all of them', () => {
  const clientIds = new Map(['big', 'middle', 'small'].map((topic) => [topic, 'shop']));
  const quota = of('quota', { clientIds });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  expect(quota.commands).toHaveLength(1);
  // All of the load is held at the safe maximum: 25,000 messages/s of 1,000 bytes over three brokers.
  expect(quota.commands[0]).toContain('--client shop --set producer_byte_rate=8333333');
});

test('a quota is in bytes of what the topics store, whatever a load test sent', () => {
  const run = { ...measuredOrders.run, messageBytes: 1000 };
  const messageBytes = new Map([
    ['big', 200],
    ['middle', 4000],
  ]);
  const quota = of('quota', { verdict: { ...measuredOrders, run } as EventState['verdict'], messageBytes });
  if (quota?.kind !== 'ready') throw new Error('no quota');
  // 14,266.7 messages/s of 200 bytes and 7,133.3 of 4,000, each over three brokers.
  expect(quota.commands.map((command) => command.split('=').at(-1))).toEqual(['951111', '9511111']);
});

test('a quota is not offered where its command could not be complete', () => {
  const reason = (over: Partial<EventState>) => of('quota', over);
  expect(reason({ clientIds: new Map() })).toMatchObject({ kind: 'no-gain', reason: 'no-client-ids' });
  const messageBytes = new Map([['big', 1000]]);
  expect(reason({ messageBytes })).toMatchObject({ kind: 'no-gain', reason: 'no-message-size' });
  const unread = { kind: 'no-gain', reason: 'not-read-yet' };
  expect(reason({ partitions: new Map() })).toMatchObject(unread);
  expect(reason({ partitions: new Map([['big', new Map([['1', 6]])]]) })).toMatchObject(unread);
});

test('a quota is for the leaders of the client, and they take together what it is held to', () => {
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
  // 76,000 messages/s of 1,000 bytes over six of thirty brokers.
  expect(rateWith(new Map(names(6).map((id) => [id, 1])))).toEqual(['12666667']);
  // At the peak, 48 MB/s are for the first broker and 24 MB/s for each other: 28 + 24 + 24 MB/s are taken.
  expect(rateWith(new Map(Object.entries({ '1': 2, '2': 1, '3': 1 })))).toEqual(['28000000']);
  // 57.6, 19.2 and 19.2 MB/s: 37.6 + 19.2 + 19.2 MB/s are taken.
  expect(rateWith(new Map(Object.entries({ '1': 3, '2': 1, '3': 1 })))).toEqual(['37600000']);
});

test('a quota leaves room for topics that the config hides', () => {
  const quota = of('quota', {
    topics: new Map([['orders-new', 8000]]),
    clientIds: new Map([['orders-new', 'shop']]),
    messageBytes: new Map([['orders-new', 1000]]),
    partitions: new Map([['orders-new', new Map([['1', 1]])]]),
    peak: { mid: 26_000, high: 30_000 },
  });
  // The hidden 12,000 of 20,000 grow to 18,000 of the safe 25,000.
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

test('a quota that would stop its clients is not offered', () => {
  // A tenth of the load; the rest grows to 32,400 of a safe maximum of 25,000.
  const clientIds = new Map([['small', 'reports']]);
  const none = { kind: 'no-gain', lever: 'quota' };
  expect(of('quota', { clientIds })).toEqual({ ...none, reason: 'rest-above-limit' });
  // 100 of 2,000 messages/s would be left.
  const peak = { mid: 26_000, high: 24_900 / 0.9 };
  expect(of('quota', { clientIds, peak })).toEqual({ ...none, reason: 'cut-too-deep' });
});

test('RocketMQ has no quota: closing topics to writes is not offered in its place', () => {
  expect(of('quota', { broker: 'rocketmq' })).toEqual({
    kind: 'no-gain',
    lever: 'quota',
    reason: 'no-quota-in-broker',
  });
});

test('a peak below the safe maximum needs none, and an unknown peak prepares none', () => {
  const none = { kind: 'no-gain', lever: 'quota', reason: 'load-below-limit' };
  expect(of('quota', { peak: { mid: 20_000, high: 24_000 } })).toEqual(none);
  const { peak: _, ...rest } = state;
  expect(prepareActions(rest)).toContainEqual({ ...none, reason: 'no-forecast' });
});

test('moved leaders gain what the busiest broker is ahead of the mean', () => {
  // 12,000 of a mean of 6,667 is 1.8 times: the cluster is full at 25,000 / 1.8 now.
  const move = of('leader-move');
  if (move?.kind !== 'ready') throw new Error('no move');
  expect(move.gain.high).toBeCloseTo(25_000 * (1 - 1 / 1.8), 6);
  expect(move.gain.low).toBe(move.gain.high);
});

test('with a figure for each broker the even load is their harmonic mean', () => {
  const perBroker = [20_000, 30_000, 30_000].map((safeTps, index) => ({ broker: String(index), safeTps }));
  const move = of('leader-move', { verdict: { ...state.verdict, perBroker } });
  if (move?.kind !== 'ready') throw new Error('no move');
  expect(move.gain.high).toBeCloseTo((3 / (1 / 20_000 + 2 / 30_000)) * (1 - 1 / 1.8), 6);
});

test('what gains nothing says why', () => {
  const reason = (lever: ActionKind, over: Partial<EventState> = {}) => {
    const found = of(lever, over);
    return found?.kind === 'no-gain' ? found.reason : found?.kind;
  };
  const safeMaxTps = { ...measuredOrders.safeMaxTps, limitedBy: { resource: 'disk-io', node: '1' } } as never;
  expect(reason('leader-move', { verdict: { ...state.verdict, safeMaxTps } })).toBe('copies-cost-the-same');
  expect(reason('leader-move', { broker: 'rocketmq' })).toBe('other-broker-kind');
  expect(reason('leader-move', { brokers: new Map([['1', 5000]]) })).toBe('no-broker-rates');
  expect(
    reason('leader-move', {
      brokers: new Map([
        ['1', 5000],
        ['2', 5100],
      ]),
    }),
  ).toBe('evenly-spread');
  expect(reason('queue-spread')).toBe('other-broker-kind');
  expect(reason('retention')).toBe('no-retention-limit');
  expect(reason('quota', { topics: new Map() })).toBe('no-topic-rates');
});

test('queues of RocketMQ are spread to the broker that takes least', () => {
  const of8 = new Map(['1', '2', '3'].map((broker) => [broker, 8]));
  const spread = of('queue-spread', { broker: 'rocketmq', partitions: new Map([['big', of8]]) });
  if (spread?.kind !== 'ready') throw new Error('no spread');
  // A third of the topic and the 2,667 of its 12,000 messages/s that broker 3 is below the mean: 5/9 of 36 queues.
  expect(spread.commands).toEqual(['plimsoll ops rocketmq queues --cluster orders --topic big --to 20 --broker 3']);
  const unread = of('queue-spread', { broker: 'rocketmq', partitions: new Map() });
  expect(unread).toMatchObject({ kind: 'no-gain', reason: 'not-read-yet' });
});

test('a slave adds nothing to the even load of the groups of RocketMQ', () => {
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
  // The masters' harmonic mean is 24,000; broker-a takes 1.5 times the mean.
  expect(spread.gain.high).toBeCloseTo(24_000 * (1 - 1 / 1.5), 6);
});

const retention = { tps: 9000, retentionSeconds: 259_200, limitedBy: { resource: 'disk-space', node: '1' } } as const;
const stored = { ...state.verdict, retention };

test('half the retention lets twice the rate in, up to the safe maximum', () => {
  expect(of('retention', { verdict: stored })).toMatchObject({ gain: { low: 3000, high: 9000 } });
  const nearSafe = { ...stored, retention: { ...retention, tps: 20_000 } };
  expect(of('retention', { verdict: nearSafe })).toMatchObject({ gain: { low: 5000, high: 5000 } });
});

test('a shorter retention gains nothing where disk space is not the limit', () => {
  const none = { kind: 'no-gain', lever: 'retention', reason: 'disk-space-suffices' };
  expect(of('retention', { verdict: stored, peak: { mid: 6000, high: 8000 } })).toEqual(none);
  const large = { ...stored, retention: { ...retention, tps: 26_000 } };
  expect(of('retention', { verdict: large })).toEqual(none);
  const safeMaxTps = { ...measuredOrders.safeMaxTps, limitedBy: retention.limitedBy } as never;
  const limited = { ...stored, safeMaxTps };
  expect(of('retention', { verdict: limited, peak: { mid: 6000, high: 8000 } })).toMatchObject({ kind: 'ready' });
});

test('a retention is only set where the configured one is known to be longer', () => {
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

test('the lever that gains most comes first', () => {
  const gains = prepareActions(state).map((lever) => (lever.kind === 'ready' ? lever.gain.high : -1));
  expect(gains).toEqual(gains.toSorted((a, b) => b - a));
});
