import { expect, test } from 'vitest';
import type { OutgoingBatch } from '../../../../../brokers/driver.ts';
import { encodeIntoScratch } from '../../../../../brokers/kafka/platformatic/record-batch-format.ts';
import { encodeBatch } from '../../../../../brokers/rocketmq/protocol/message-batch.ts';
import { uniqueKeyBytes } from '../../../../../brokers/rocketmq/protocol/message-id.ts';
import { encodeProperties, propertyNames } from '../../../../../brokers/rocketmq/protocol/message-properties.ts';
import { TurnedAway } from '../../../../../brokers/rocketmq/protocol/busy.ts';
import { AppError } from '../../../../../core/errors.ts';
import { seconds } from '../../../../../core/clock.ts';
import { createLatencySum } from '../../../../../core/statistics/latency-sum.ts';
import type { KeySpec } from '../../../../../loadgen/plan/messages/message-spec.ts';
import { dealSlots } from '../../../../../loadgen/execute/workers/worker-numbers.ts';
import { lanesOf, openProduction, produce, producedLine, rateOf } from '../../../../support/production-in-memory.ts';

test('every message of the schedule is sent once, and counts as intended, sent and acknowledged', async () => {
  const { clock, production, driven, numbers } = await produce({ rate: 1000, duration: 1 });
  await clock.advanceTo(1.1);
  expect(driven).toEqual([1]);
  expect(numbers()).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  expect(producedLine(production.report())).toMatchObject({
    worker: 'producer-0',
    intended: 1000,
    sent: 1000,
    acknowledged: 1000,
    failed: 0,
    bytes: 100_000,
    blockedSeconds: 0,
  });
});

function percentilesOf(histogram: string) {
  const sum = createLatencySum();
  sum.add(histogram);
  return sum.percentiles();
}

test.each([0.005, 0.05])(
  'messages wait at most the linger time of %d s, which does not count as delay',
  async (linger) => {
    const { clock, production } = await produce({ rate: 1000, duration: 1, lingerSeconds: linger });
    await clock.advanceTo(1.1);
    const { latency, sendDelay, requests } = producedLine(production.report());
    expect(requests).toBeLessThanOrEqual(1 / linger + 1);
    const waited = percentilesOf(latency);
    expect(waited?.p50).toBeGreaterThan(0.3 * linger);
    expect(waited?.max).toBeLessThanOrEqual(linger * 1.001 + 1e-5);
    expect(percentilesOf(sendDelay)?.max).toBeLessThan(0.0001);
  },
);

test('a send later than its linger time is delayed by the difference', async () => {
  const { clock, production } = await produce({
    rate: 100,
    duration: 3,
    lingerSeconds: 0.05,
    mostUnanswered: 1,
    fateOf: (sequence) => (sequence === 0 ? { kind: 'acknowledge', after: seconds(1) } : { kind: 'acknowledge' }),
  });
  await clock.advanceTo(1.1);
  // The first window is answered after one second: the window due 0.05 s later leaves 0.95 s late.
  expect(percentilesOf(producedLine(production.report()).sendDelay)?.max).toBeCloseTo(0.95, 2);
});

test.each([1, 2, 3, 7])('%i workers together send every message once', async (workers) => {
  const shares = await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const { clock, production, numbers } = await produce({ rate: 100, duration: 1, workers, worker });
      await clock.advanceTo(1.1);
      expect(producedLine(production.report()).intended).toBe(numbers().length);
      return numbers();
    }),
  );
  expect(shares.flat().sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test('a stalled broker makes sends late, not fewer, and the time counts as blocked', async () => {
  const { clock, production, numbers } = await produce({
    rate: 100,
    duration: 4,
    mostUnanswered: 1,
    fateOf: (sequence) => (sequence === 0 ? { kind: 'stall' } : { kind: 'acknowledge' }),
  });
  await clock.advanceTo(2);
  const line = producedLine(production.report());
  expect(line).toMatchObject({ intended: 201, sent: 1, acknowledged: 0 });
  expect(line.blockedSeconds).toBeGreaterThan(1.9);
  expect(numbers()).toEqual([]);
});

test('messages later than the limit are dropped and counted', async () => {
  const { clock, production } = await produce({
    rate: 100,
    duration: 20,
    mostUnanswered: 1,
    fateOf: () => ({ kind: 'stall' }),
  });
  await clock.advanceTo(40);
  const lines = production.report();
  const { intended, sent, acknowledged, failed, dropped } = producedLine(lines);
  expect({ intended, sent, acknowledged, failed, dropped }).toEqual({
    intended: 2000,
    sent: 1,
    acknowledged: 0,
    failed: 1,
    dropped: 1999,
  });
  expect(lines.slice(1)).toMatchObject([
    { kind: 'error', code: 'too-late', count: 1999 },
    { kind: 'error', code: 'aborted', count: 1 },
  ]);
});

test('messages refused by the broker are counted by error code', async () => {
  const error = new AppError('broker-refused', 'NOT_ENOUGH_REPLICAS');
  const { clock, production } = await produce({ rate: 100, duration: 1, fateOf: () => ({ kind: 'fail', error }) });
  await clock.advanceTo(1.1);
  const lines = production.report();
  expect(producedLine(lines)).toMatchObject({ intended: 100, sent: 100, acknowledged: 0, failed: 100 });
  expect(lines[1]).toMatchObject({ kind: 'error', code: 'broker-refused', message: 'NOT_ENOUGH_REPLICAS', count: 100 });
});

test('refusals of a busy broker are counted by cause', async () => {
  const refusals = (['timeout-clean-queue', 'page-cache-busy'] as const).map((busy) => new TurnedAway(busy, 'busy'));
  const { clock, production } = await produce({
    rate: 100,
    duration: 1,
    fateOf: (sequence) => {
      const error = refusals[sequence % 3];
      return error === undefined ? { kind: 'acknowledge' } : { kind: 'fail', error };
    },
  });
  await clock.advanceTo(1.1);
  const lines = production.report();
  const failed = producedLine(lines).failed;
  const errors = lines.flatMap((line) => (line.kind === 'error' ? [line] : []));
  expect(errors).toMatchObject([
    { code: 'broker-busy', cause: 'timeout-clean-queue' },
    { code: 'broker-busy', cause: 'page-cache-busy' },
  ]);
  expect(errors.reduce((sum, { count }) => sum + count, 0)).toBe(failed);
});

test('a stopped producer neither sends nor intends more messages', async () => {
  const { clock, production, numbers } = await produce({ rate: 100, duration: 10 });
  await clock.advanceTo(2);
  production.stop();
  await clock.advanceTo(5);
  await production.finished;
  expect(numbers()).toHaveLength(201);
  expect(producedLine(production.report())).toMatchObject({ intended: 201, acknowledged: 201 });
});

test('a stopped producer ends open transactions after the response timeout, and reports one left open', async () => {
  const endedAt: number[] = [];
  let now = () => 0;
  const { clock, production } = await produce({
    rate: 100,
    duration: 100,
    fateOf: () => ({ kind: 'stall' }),
    async endTransactions() {
      endedAt.push(now());
      throw new AppError('broker-unreachable', 'transaction x may still be open: no answer in time');
    },
  });
  now = () => clock.elapsed();
  await clock.advanceTo(2);
  production.stop();
  await clock.advanceTo(8);
  await production.finished;
  expect(endedAt[0]).toBeCloseTo(7, 1);
  expect(production.report()).toContainEqual(
    expect.objectContaining({
      kind: 'error',
      code: 'transaction-left-open',
      message: 'transaction x may still be open: no answer in time',
      count: 1,
    }),
  );
});

test('messages added to the schedule continue with the next number, even after a pause', async () => {
  const { clock, extend, driven, numbers } = await openProduction({});
  extend([rateOf(2.5, 1), rateOf(2.5, 1)]);
  await clock.advanceTo(0.5);
  extend([rateOf(10, 1)]);
  await clock.advanceTo(4);
  // 2.5 + 2.5 messages are five: a half carries over from one segment to the next.
  expect(numbers()).toEqual(Array.from({ length: 15 }, (_, n) => n));
  extend([rateOf(10, 1)], { atSeconds: 5 });
  await clock.advanceTo(4.9);
  expect(numbers()).toHaveLength(15);
  await clock.advanceTo(6.1);
  expect(numbers()).toEqual(Array.from({ length: 25 }, (_, n) => n));
  expect(driven).toEqual([3, 6]);
});

test('a cut producer sends nothing more, counts what was due, and reuses no number', async () => {
  const { clock, production, schedule, extend, numbers } = await produce({
    rate: 100,
    duration: 10,
    mostUnanswered: 1,
    fateOf: (sequence) => (sequence === 100 ? { kind: 'acknowledge', after: seconds(0.5) } : { kind: 'acknowledge' }),
  });
  await clock.advanceTo(1.2);
  production.cut(1.2);
  await clock.advanceTo(2);
  const line = producedLine(production.report());
  expect(line).toMatchObject({ intended: 121, sent: 101, acknowledged: 101, failed: 0, dropped: 20 });
  extend([rateOf(100, 1)], { atSeconds: 3, fromNumber: schedule.endNumber });
  await clock.advanceTo(5);
  expect(producedLine(production.report())).toMatchObject({ intended: 100, sent: 100, acknowledged: 100 });
  expect(new Set(numbers()).size).toBe(201);
  expect(Math.max(...numbers())).toBeGreaterThanOrEqual(1000);
});

test('a share that is adopted is sent only by the new worker from then on', async () => {
  const one = await produce({ rate: 128, duration: 2, workers: 2, worker: 0 });
  await one.clock.advanceTo(0.9);
  one.production.adopt(dealSlots(2, 64)[1] ?? [], 128);
  await one.clock.advanceTo(2.1);
  const own = Array.from({ length: 64 }, (_, k) => 2 * k);
  expect(one.numbers()).toEqual([...own, ...Array.from({ length: 128 }, (_, k) => 128 + k)]);
  expect(producedLine(one.production.report())).toMatchObject({ intended: 192, sent: 192, acknowledged: 192 });
});

test('a closed loop keeps that many sends in flight, each due when a sender became free', async () => {
  const { clock, production, extend, numbers } = await openProduction({
    fateOf: () => ({ kind: 'acknowledge', after: seconds(0.1) }),
  });
  extend([lanesOf(4, 1), lanesOf(8, 1)]);
  await clock.advanceTo(0.95);
  const first = producedLine(production.report());
  const delays = createLatencySum();
  delays.add(first.latency);
  expect(delays.percentiles()?.max).toBeCloseTo(0.1, 2);
  expect(first).toMatchObject({ intended: 40, sent: 40, acknowledged: 36 });
  await clock.advanceTo(3);
  const second = producedLine(production.report());
  expect(second.sent).toBe(80);
  expect(second).toMatchObject({ intended: second.sent, acknowledged: second.sent + 4 });
  expect(new Set(numbers()).size).toBe(120);
});

test('in a closed loop an adopted share is sent from the given number on', async () => {
  const { clock, production, extend, numbers } = await openProduction({
    workers: 2,
    fateOf: () => ({ kind: 'acknowledge', after: seconds(0.1) }),
  });
  extend([lanesOf(4, 2)]);
  await clock.advanceTo(1.05);
  production.adopt(dealSlots(2, 64)[1] ?? [], 128_000);
  await clock.advanceTo(2.5);
  const [before, after] = [numbers().filter((n) => n < 128_000), numbers().filter((n) => n >= 128_000)];
  expect(before).toEqual(before.map((_, k) => 2 * k));
  expect(after).toEqual(after.map((_, k) => 128_000 + k));
  expect(after.length).toBeGreaterThan(30);
});

test('messages with the same key stay in one partition, in order', async () => {
  const { clock, numbers, storedIn } = await produce({
    rate: 1000,
    duration: 1,
    keys: { kind: 'round-robin', distinct: 7, bytes: 4 },
  });
  await clock.advanceTo(1.1);
  expect(numbers()).toHaveLength(1000);
  for (let key = 0; key < 7; key++) {
    const places = [0, 1, 2].map((partition) => storedIn('t', partition).filter((n) => n % 7 === key));
    expect(places.filter((place) => place.length > 0)).toHaveLength(1);
    for (const place of places) expect(place).toEqual(place.toSorted((a, b) => a - b));
  }
});

test('several topics alternate, and each has separate figures', async () => {
  const { clock, production, storedIn } = await produce({ rate: 1000, duration: 1, topics: ['a', 'b'] });
  await clock.advanceTo(1.1);
  const { topics = [], acknowledged } = producedLine(production.report());
  expect(acknowledged).toBe(1000);
  for (const { topic, sent, bytes } of topics) {
    const stored = [0, 1, 2].flatMap((partition) => storedIn(topic, partition)).length;
    expect([stored, bytes]).toEqual([sent, 100 * sent]);
    expect(Math.abs(sent - 500)).toBeLessThan(20);
  }
});

test('in single-message requests, each message counts towards the limit of unanswered messages', async () => {
  const { clock, production } = await produce({
    rate: 1000,
    duration: 1,
    mostUnanswered: 3,
    broker: 'rocketmq',
    requests: 'single',
    fateOf: () => ({ kind: 'stall' }),
  });
  await clock.advanceTo(0.5);
  expect(producedLine(production.report())).toMatchObject({ sent: 3, acknowledged: 0, requests: 0 });
});

test.each([
  { answerSeconds: 5, acknowledged: 0, failed: 10 },
  { answerSeconds: 60, acknowledged: 10, failed: 0 },
])(
  'responses after half a minute time out at 5 s unless a longer timeout is given: $answerSeconds',
  async ({ answerSeconds, acknowledged, failed }) => {
    const { clock, production, driven } = await produce({
      rate: 10,
      duration: 1,
      answerSeconds,
      fateOf: () => ({ kind: 'acknowledge', after: seconds(30) }),
      mostUnanswered: 100,
    });
    await clock.advanceTo(40);
    expect(producedLine(production.report())).toMatchObject({ sent: 10, acknowledged, failed });
    expect(driven).toEqual([1]);
  },
);

test.each<KeySpec>([{ kind: 'none' }, { kind: 'uniform', distinct: 1000, bytes: 8 }])(
  'partitions added to a topic during the run get their share, with keys $kind',
  async (keys) => {
    const { clock, broker, numbers, storedIn, production } = await produce({
      rate: 1000,
      duration: 2,
      topics: ['t', 'u'],
      keys,
    });
    await clock.advanceTo(1);
    broker.add('t', [3, 4]);
    broker.add('u', [3]);
    await clock.advanceTo(2.1);
    const added = [storedIn('t', 3), storedIn('u', 3), storedIn('t', 4)].map(({ length }) => length);
    // In the second half; a key uses only partitions that every topic has.
    expect(added[0]).toBeGreaterThan(80);
    expect(added[1]).toBeGreaterThan(80);
    expect((added[2] ?? 0) > 80).toBe(keys.kind === 'none');
    expect(numbers().length + added.reduce((sum, count) => sum + count, 0)).toBe(2000);
    expect(producedLine(production.report()).acknowledged).toBe(2000);
  },
);

/** Bytes that a broker compares with its message.max.bytes or maxMessageSize. */
const batchBytesBy = {
  kafka: ({ values, keys }: OutgoingBatch) =>
    encodeIntoScratch(values, 0, { ...(keys && { keys }), compression: 'none' }).length,
  rocketmq({ values, keys, tag }: OutgoingBatch) {
    const items = values.map((body, index) => {
      const pairs = new Map<string, string>([[propertyNames.uniqueKey, '0'.repeat(uniqueKeyBytes)]]);
      const key = keys?.[index];
      if (key !== undefined) pairs.set(propertyNames.keys, key.toString());
      if (tag !== undefined) pairs.set(propertyNames.tags, tag);
      return { body, properties: encodeProperties(pairs) };
    });
    return encodeBatch(items).length;
  },
};

test.each([
  { broker: 'kafka', keys: { kind: 'none' } },
  { broker: 'kafka', keys: { kind: 'uniform', distinct: 1, bytes: 50 } },
  { broker: 'rocketmq', keys: { kind: 'none' } },
  { broker: 'rocketmq', keys: { kind: 'uniform', distinct: 1, bytes: 50 }, tag: 'eu-central' },
] as const)('no batch is larger than brokers accept: $broker, keys $keys.kind', async (given) => {
  const mostMessageBytes = 16_384;
  const sizes: number[] = [];
  const { clock, production } = await produce({
    ...given,
    rate: 1000,
    duration: 1,
    lingerSeconds: 0.5,
    mostUnanswered: 100,
    mostMessageBytes,
    fateOf(_, batch) {
      sizes.push(batchBytesBy[given.broker](batch));
      return { kind: 'acknowledge' };
    },
  });
  for (let tenths = 1; tenths <= 20; tenths++) await clock.advanceTo(tenths / 10);
  expect(producedLine(production.report())).toMatchObject({ acknowledged: 1000, failed: 0 });
  expect(Math.max(...sizes)).toBeLessThanOrEqual(mostMessageBytes);
  expect(Math.max(...sizes)).toBeGreaterThan(0.8 * mostMessageBytes);
});
