import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { TrafficDriver } from '../../../../brokers/driver.ts';
import { TurnedAway } from '../../../../brokers/rocketmq/protocol/busy.ts';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import { seconds } from '../../../../core/clock.ts';
import { createCanaries } from '../../../../exporter/canary/canaries.ts';
import { CanaryConfig } from '../../../../brokers/canary/config.ts';
import { createFamilies } from '../../../../exporter/exposition/families.ts';
import { parseExposition } from '../../../support/exposition.ts';
import { createFakeBroker, type Fate, type FakeBroker, type FakeBrokerOptions } from '../../../support/fake-broker.ts';
import { textOf } from '../../../support/golden-metrics-page.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const topic = 'canary';
/** Two partitions on broker 1, one on broker 2. */
const threePlaces: FakeBrokerOptions = {
  topics: { [topic]: 3 },
  leaderOf: (_, partition) => (partition === 2 ? '2' : '1'),
};

interface Setting extends Partial<FakeBrokerOptions> {
  everySeconds?: number;
  only?: string;
  open?: (broker: FakeBroker) => Promise<TrafficDriver>;
}

function fly({ everySeconds, only, open, ...options }: Setting = {}) {
  const clock = createSteppedClock();
  const broker = createFakeBroker({ ...threePlaces, clock, ...options });
  const config = CanaryConfig.parse({ topic, ...(everySeconds !== undefined && { everySeconds }) });
  const logged = new PassThrough();
  const canaries = createCanaries(
    [
      {
        cluster: 'lab',
        config,
        open: () => open?.(broker) ?? Promise.resolve(broker.traffic()),
        ...(only !== undefined && { only }),
      },
    ],
    { clock, log: createLogger('info', logged) },
  );
  canaries.start();
  return {
    clock,
    broker,
    stored: () => [0, 1, 2].map((partition) => broker.stored(topic, partition).length),
    state: () => canaries.states()[0],
    log: () => String(logged.read() ?? ''),
    /** Returns a sample by family and labels other than the cluster. */
    async sample(family: string, labels: Record<string, string> = {}) {
      const page = createFamilies();
      const { definitions, lines } = await canaries.families();
      page.add(definitions, lines);
      const all = Object.entries({ ...labels, cluster: 'lab' }).map(([name, value]) => `${name}="${value}"`);
      const { samples } = parseExposition(textOf(page));
      const value = samples.get(`plimsoll_canary_${family}{${all.sort().join(',')}}`);
      return value === undefined ? undefined : Number(value);
    },
    [Symbol.asyncDispose]: () => canaries[Symbol.asyncDispose](),
  };
}

const refusal = (words: string) => new AppError('broker-refused', words);

test('sends one small message a second, to brokers in turn and to the partitions of each in turn', async () => {
  await using bird = fly();
  await bird.clock.advance(11.9);
  expect(bird.stored()).toEqual([3, 3, 6]);
  for (const value of bird.broker.stored(topic, 0)) {
    expect(value.length).toBeLessThanOrEqual(100);
    expect(value.toString()).toMatch(/^plimsoll-canary /);
  }
  expect(await bird.sample('messages_total', { broker: '1' })).toBe(6);
  expect(await bird.sample('up')).toBe(1);
});

test('sends to only one broker if configured, and reports if the broker has no partition', async () => {
  await using bird = fly({ only: '2' });
  await bird.clock.advance(11.9);
  expect(bird.stored()).toEqual([0, 0, 12]);
  expect(bird.state()?.brokers.map(({ broker }) => broker)).toEqual(['2']);
  await using other = fly({ only: '3' });
  await other.clock.advance(11.9);
  expect(other.stored()).toEqual([0, 0, 0]);
  expect(other.state()?.reason).toBe('topic canary has no partition or queue on broker 3');
});

test('measures each step from the time the message was due', async () => {
  await using bird = fly({
    fateOf: () => ({ kind: 'acknowledge', after: seconds(0.3) }),
    readFateOf: () => ({ kind: 'acknowledge', after: seconds(0.1) }),
  });
  await bird.clock.advance(9.9);
  const sum = (step: string) => bird.sample('duration_seconds_sum', { broker: '1', step });
  expect(await bird.sample('duration_seconds_count', { broker: '1', step: 'round_trip' })).toBe(5);
  expect(await sum('produce')).toBeCloseTo(5 * 0.3);
  expect(await sum('consume')).toBeCloseTo(5 * 0.1);
  expect(await sum('round_trip')).toBeCloseTo(5 * 0.4);
});

test('keeps sending while responses are late, and counts late ones as late', async () => {
  await using bird = fly({ fateOf: () => ({ kind: 'acknowledge', after: seconds(20) }) });
  await bird.clock.advance(9.9);
  expect(await bird.sample('in_flight', { broker: '1' })).toBe(5);
  await bird.clock.advance(15);
  expect(await bird.sample('duration_seconds_bucket', { broker: '1', step: 'produce', le: '10' })).toBe(0);
  expect(await bird.sample('duration_seconds_bucket', { broker: '1', step: 'produce', le: '+Inf' })).toBe(3);
  expect(await bird.sample('lost_total', { broker: '1', step: 'produce' })).toBe(0);
});

test('counts unacknowledged messages as lost, and a stalled broker does not delay the others', async () => {
  await using bird = fly({
    fateOf: ({ partition }) => (partition === 2 ? { kind: 'stall' } : { kind: 'acknowledge' }),
  });
  await bird.clock.advance(59.9);
  // Every other second; messages of the last 30 s may still be acknowledged.
  expect(await bird.sample('lost_total', { broker: '2', step: 'produce' })).toBe(15);
  expect(await bird.sample('in_flight', { broker: '2' })).toBe(15);
  expect(await bird.sample('duration_seconds_count', { broker: '1', step: 'round_trip' })).toBe(30);
  expect(await bird.sample('in_flight', { broker: '1' })).toBe(0);
  expect(bird.state()?.brokers).toContainEqual({ broker: '2', reason: 'a message was not acknowledged within 30 s' });
});

test('counts acknowledged messages that cannot be read as lost in the consume step', async () => {
  await using bird = fly({ readFateOf: () => ({ kind: 'stall' }) });
  await bird.clock.advance(45);
  expect(await bird.sample('lost_total', { broker: '1', step: 'consume' })).toBeGreaterThan(0);
  expect(await bird.sample('lost_total', { broker: '1', step: 'produce' })).toBe(0);
  expect(await bird.sample('duration_seconds_count', { broker: '1', step: 'produce' })).toBeGreaterThan(0);
});

test('counts a loss if another message is at the acknowledged offset', async () => {
  await using bird = fly({
    async open(broker) {
      const traffic = broker.traffic();
      const lying = async (options: { topic: string }) => ({
        ...(await traffic.echo(options)),
        read: async () => Buffer.from('of somebody else'),
      });
      return { ...traffic, echo: lying };
    },
  });
  await bird.clock.advance(2);
  expect(await bird.sample('lost_total', { broker: '2', step: 'consume' })).toBe(1);
});

test("counts failures by step and the broker's error class, with busy responses separate", async () => {
  const errors = [new TurnedAway('page-cache-busy', 'cannot send'), refusal('cannot send: it is read-only')];
  await using bird = fly({
    topics: { [topic]: 1 },
    fateOf: (_, sequence) => {
      const error = errors[sequence];
      return error === undefined ? { kind: 'acknowledge' } : { kind: 'fail', error };
    },
  });
  await bird.clock.advance(4.9);
  const errorsOf = (name: string) => bird.sample('errors_total', { broker: '1', step: 'produce', class: name });
  expect(await errorsOf('page-cache-busy')).toBe(1);
  expect(await errorsOf('broker-refused')).toBe(1);
  expect(await bird.sample('duration_seconds_count', { broker: '1', step: 'round_trip' })).toBe(3);
});

test('reports a missing topic in log and state, retries with growing intervals, and sends nothing', async () => {
  let asked = 0;
  await using bird = fly({
    topics: { other: 1 },
    async open(broker) {
      const traffic = broker.traffic();
      const counting = async (options: { topic: string }) => {
        const echo = await traffic.echo(options);
        return { ...echo, places: (io: { signal: AbortSignal }) => (asked++, echo.places(io)) };
      };
      return { ...traffic, echo: counting };
    },
  });
  await bird.clock.advance(600);
  expect(bird.state()).toMatchObject({ topic, reason: 'cannot use topic canary: there is no such topic', brokers: [] });
  expect(
    bird
      .log()
      .split('\n')
      .filter((line) => line.includes('there is no such topic')),
  ).toHaveLength(1);
  expect(await bird.sample('up')).toBe(0);
  // After 0, 1, 3, 7, 15, 31 and 63 s, then every minute.
  expect(asked).toBe(15);
});

test('starts when a cluster that was down comes up', async () => {
  let isUp = false;
  await using bird = fly({
    async open(broker) {
      if (!isUp) throw new AppError('broker-unreachable', 'cannot reach a broker of cluster lab');
      return broker.traffic();
    },
  });
  await bird.clock.advance(10);
  expect(bird.state()?.reason).toBe('cannot reach a broker of cluster lab');
  isUp = true;
  await bird.clock.advance(10);
  expect(bird.state()?.reason).toBeUndefined();
  expect(await bird.sample('duration_seconds_count', { broker: '1', step: 'round_trip' })).toBeGreaterThan(0);
});

test('looks up the leader of a partition again as soon as a message fails', async () => {
  let leader = '1';
  let fate: Fate = { kind: 'acknowledge' };
  await using bird = fly({ topics: { [topic]: 1 }, leaderOf: () => leader, fateOf: () => fate });
  await bird.clock.advance(2.9);
  leader = '2';
  fate = { kind: 'fail', error: refusal('cannot send to canary-0: NOT_LEADER_OR_FOLLOWER') };
  await bird.clock.advance(1);
  fate = { kind: 'acknowledge' };
  await bird.clock.advance(2);
  expect(await bird.sample('errors_total', { broker: '1', step: 'produce', class: 'broker-refused' })).toBe(1);
  expect(await bird.sample('messages_total', { broker: '2' })).toBe(2);
  expect(bird.state()?.brokers.map(({ broker }) => broker)).toEqual(['2']);
});

test('skips the messages that were due while the process was paused', async () => {
  await using bird = fly({ topics: { [topic]: 1 } });
  await bird.clock.advance(3.5);
  const before = bird.broker.stored(topic, 0).length;
  await bird.clock.stall(60);
  await bird.clock.advance(0.4);
  expect(bird.broker.stored(topic, 0).length).toBe(before + 1);
  expect(await bird.sample('duration_seconds_bucket', { broker: '1', step: 'produce', le: '10' })).toBe(before);
});

test('sends at the configured interval', async () => {
  await using bird = fly({ topics: { [topic]: 1 }, everySeconds: 5 });
  await bird.clock.advance(19.9);
  expect(bird.broker.stored(topic, 0)).toHaveLength(4);
});

test('ends at once even with messages in flight', async () => {
  const bird = fly({ fateOf: () => ({ kind: 'stall' }) });
  await bird.clock.advance(5);
  await expect(bird[Symbol.asyncDispose]()).resolves.toBeUndefined();
});
