import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { messagesPerSecond, seconds } from '../../../../core/units.ts';
import { createLatencySum } from '../../../../loadgen/latency.ts';
import { createPacer } from '../../../../loadgen/pacer.ts';
import { readPayload } from '../../../../loadgen/payload.ts';
import { startProduction } from '../../../../loadgen/workers/produce.ts';
import { createFakeBroker, type Fate } from '../../../support/fake-broker.ts';
import { createManualRunClock } from '../../../support/manual-run-clock.ts';

const idle = { eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 };

async function produce(given: {
  rate: number;
  duration: number;
  workers?: number;
  worker?: number;
  mostUnanswered?: number;
  fateOf?: (sequence: number) => Fate;
}) {
  const { rate, duration, workers = 1, worker = 0, mostUnanswered = 5, fateOf } = given;
  const clock = createManualRunClock();
  const partitions = 3;
  const broker = createFakeBroker({
    topics: { t: partitions },
    ...(fateOf && { fateOf: (_, sequence) => fateOf(sequence) }),
  });
  const production = startProduction(
    {
      worker,
      workers,
      topic: 't',
      partitions,
      payload: { mark: 7, seed: 1, messageBytes: 100 },
      lingerSeconds: 0.005,
      mostUnanswered,
    },
    {
      pacer: createPacer([
        { kind: 'rate', from: messagesPerSecond(rate), to: messagesPerSecond(rate), duration: seconds(duration) },
      ]),
      producer: await broker.traffic().producer({ acks: 'all' }),
      clock,
      epochMicroseconds: 1e15,
      takeLoad: () => idle,
    },
  );
  const numbers = () =>
    [0, 1, 2]
      .flatMap((partition) => broker.stored('t', partition).map((value) => readPayload(value, 7)?.number))
      .sort((a = 0, b = 0) => a - b);
  return { clock, production, numbers };
}

function producedLine(lines: ReturnType<ReturnType<typeof startProduction>['report']>) {
  const [line] = lines;
  if (line?.kind !== 'produced') throw new Error('no produced line');
  return line;
}

test('every message of the schedule is sent once, and counted as intended, sent and acknowledged', async () => {
  const { clock, production, numbers } = await produce({ rate: 1000, duration: 1 });
  await clock.advanceTo(1.1);
  await production.finished;
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

test('messages wait for the linger window and no longer', async () => {
  const { clock, production } = await produce({ rate: 1000, duration: 1 });
  await clock.advanceTo(1.1);
  const { sendDelay, requests } = producedLine(production.report());
  const delays = createLatencySum();
  delays.add(sendDelay);
  expect(requests).toBeLessThanOrEqual(201);
  expect(delays.percentiles()?.max).toBeLessThanOrEqual(0.00501);
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

test('a stalled broker makes sends late, not fewer, and the time is put down to it', async () => {
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

test('what is late beyond the bound is given up, with a count', async () => {
  const { clock, production } = await produce({
    rate: 100,
    duration: 20,
    mostUnanswered: 1,
    fateOf: () => ({ kind: 'stall' }),
  });
  await clock.advanceTo(40);
  await production.finished;
  const lines = production.report();
  const { intended, sent, acknowledged, failed } = producedLine(lines);
  expect({ intended, sent, acknowledged, failed }).toEqual({ intended: 2000, sent: 1, acknowledged: 0, failed: 2000 });
  expect(lines.slice(1)).toMatchObject([
    { kind: 'error', code: 'too-late', count: 1999 },
    { kind: 'error', code: 'aborted', count: 1 },
  ]);
});

test('what the broker refuses is counted under its code', async () => {
  const error = new AppError('broker-refused', 'NOT_ENOUGH_REPLICAS');
  const { clock, production } = await produce({ rate: 100, duration: 1, fateOf: () => ({ kind: 'fail', error }) });
  await clock.advanceTo(1.1);
  await production.finished;
  const lines = production.report();
  expect(producedLine(lines)).toMatchObject({ intended: 100, sent: 100, acknowledged: 0, failed: 100 });
  expect(lines[1]).toMatchObject({ kind: 'error', code: 'broker-refused', message: 'NOT_ENOUGH_REPLICAS', count: 100 });
});

test('stopped, it sends nothing more and intends nothing more', async () => {
  const { clock, production, numbers } = await produce({ rate: 100, duration: 10 });
  await clock.advanceTo(2);
  production.stop();
  await clock.advanceTo(5);
  await production.finished;
  expect(numbers()).toHaveLength(201);
  expect(producedLine(production.report())).toMatchObject({ intended: 201, acknowledged: 201 });
});
