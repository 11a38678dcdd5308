import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { seconds } from '../../../../../core/clock.ts';
import { createLatencySum } from '../../../../../core/statistics/latency-sum.ts';
import { createMessages } from '../../../../../loadgen/plan/messages/message-source.ts';
import { makeValues } from '../../../../../loadgen/plan/messages/make-values.ts';
import { payloadHeaderWords, writeChecksum, writeHeader } from '../../../../../loadgen/delivery/payload-header.ts';
import { sendingOf } from '../../../../support/sending.ts';
import { startConsumption, type ConsumeOptions } from '../../../../../loadgen/execute/workers/consume.ts';
import { createFakeBroker } from '../../../../support/fake-broker.ts';
import { createManualRunClock } from '../../../../support/manual-run-clock.ts';

const epochMicroseconds = 1e15;
const source = createMessages({
  seed: 1,
  sizes: { kind: 'fixed', bytes: 100 },
  keys: { kind: 'none' },
  filler: { kind: 'random' },
});

const options: ConsumeOptions = {
  worker: 'consumer-1',
  group: 'g',
  members: 1,
  topics: ['t'],
  partitions: 3,
  marks: [{ attempt: 1, mark: 7 }],
  slotCount: 64,
  senders: [],
  consumer: {},
  recordedTo: [],
  processingSeconds: 0,
  sending: sendingOf(),
  lateAfterSeconds: 30,
};

async function open(over: Partial<ConsumeOptions> = {}) {
  const topics = over.topics ?? ['t'];
  const broker = createFakeBroker({ topics: Object.fromEntries(topics.map((topic) => [topic, 3])) });
  const traffic = broker.traffic();
  const clock = createManualRunClock();
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const consumption = startConsumption(
    { ...options, topics, ...over },
    {
      open: (options) => traffic.consumer(options),
      takeLoad: () => ({ eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 }),
    },
    { signal: ending.signal },
  );
  await consumption.assigned;
  consumption.begin({ clock, epochMicroseconds, fromSeconds: 0 });
  await clock.advanceTo(1);
  const producer = await traffic.producer({ acks: 'all' });
  const io = { signal: ending.signal };

  /** Sends messages that were due `age` seconds ago. */
  async function send(count: number, { topic = 't', age = 0.25, mark = 7, from = 0 } = {}) {
    const numberOf = (i: number) => from + i;
    const values = makeValues(source, count, payloadHeaderWords, numberOf, (value, i, words, at) => {
      writeHeader(words, at, mark, numberOf(i), epochMicroseconds + (1 - age) * 1e6);
      writeChecksum(words, at, value);
    });
    for (const [i, value] of values.entries()) await producer.send({ topic, partition: i % 3, values: [value] }, io);
    await delay(20);
  }

  function report() {
    const [line] = consumption.report();
    if (line?.kind !== 'consumed') throw new Error('no consumed line');
    return line;
  }
  return { broker, clock, consumption, send, report, stop: () => ending.abort() };
}

const longest = (encoded: string) => {
  const sum = createLatencySum();
  sum.add(encoded);
  return sum.percentiles()?.max;
};

test('members of a group share the messages, and each message counts once', async () => {
  const { broker, send, report } = await open({ members: 3 });
  expect(broker.members('g')).toBe(3);
  await send(30);
  const { messages, bytes, batches, endToEnd, ledger } = report();
  expect([messages, bytes]).toEqual([30, 3000]);
  // From each of three partitions at least one response had messages.
  expect(batches).toBeGreaterThanOrEqual(3);
  expect(batches).toBeLessThanOrEqual(30);
  expect(report().batches).toBe(0);
  expect(longest(endToEnd)).toBeCloseTo(0.25, 3);
  expect(ledger?.received).toHaveLength(1);
});

test('messages of another run are not counted', async () => {
  const { send, report } = await open();
  await send(3, { mark: 8 });
  expect(report()).toMatchObject({ messages: 0, bytes: 0 });
});

test('messages consumed before they were due are counted, with the difference', async () => {
  const { send, report } = await open();
  await send(3, { age: -0.5 });
  const { messages, negativeSamples, negative = '' } = report();
  expect([messages, negativeSamples]).toEqual([3, 3]);
  expect(longest(negative)).toBeCloseTo(0.5, 3);
});

test('the clock offset is subtracted from latencies', async () => {
  const { consumption, send, report } = await open();
  consumption.setClockOffset(0.1);
  await send(1, { age: 0.25 });
  expect(longest(report().endToEnd)).toBeCloseTo(0.15, 3);
});

test('a message of a slow consumer counts as consumed after its processing', async () => {
  const { send, report } = await open({ processingSeconds: seconds(0.001) });
  await send(2);
  expect(longest(report().endToEnd)).toBeCloseTo(0.251, 3);
});

test('in a long batch of a slow consumer, only processed messages count', async () => {
  const { clock, send, report, stop } = await open({ processingSeconds: seconds(0.1), partitions: 1 });
  await send(1);
  await delay(150);
  await send(12, { from: 1 });
  await delay(250);
  const { messages } = report();
  expect(messages).toBeGreaterThan(1);
  expect(messages).toBeLessThan(13);
  stop();
  await clock.advanceTo(2);
});

test('a stopped group leaves, and misses no message after it returns', async () => {
  const { broker, consumption, send, report } = await open({ members: 2 });
  await send(4);
  consumption.pause(true);
  await delay(10);
  expect(broker.members('g')).toBe(0);
  await send(4, { from: 4 });
  expect(report().messages).toBe(4);
  consumption.pause(false);
  await delay(20);
  expect(broker.members('g')).toBe(2);
  expect(report().messages).toBe(4);
});

test('messages that a stopped group had in progress are committed and count as consumed', async () => {
  const { broker, consumption, send, report } = await open({ processingSeconds: seconds(0.1) });
  await send(30);
  await delay(150);
  consumption.pause(true);
  await delay(20);
  expect(broker.members('g')).toBe(0);
  const committed = [0, 1, 2].reduce((sum, partition) => sum + (broker.committed('g', 't', partition) ?? 0), 0);
  expect(committed).toBeGreaterThan(3);
  const { messages, bytes } = report();
  expect([messages, bytes]).toEqual([committed, 100 * committed]);
});

test('in a stopped group that never commits, only processed messages count as consumed', async () => {
  const { consumption, send, report } = await open({ processingSeconds: seconds(0.1), consumer: { commits: 'never' } });
  await send(30);
  await delay(150);
  consumption.pause(true);
  await delay(20);
  expect(report().messages).toBeLessThan(30);
});

test('a group with several topics has one group per topic', async () => {
  const { broker, send, report } = await open({ topics: ['a', 'b'] });
  expect([broker.members('g'), broker.members('g-topic-2')]).toEqual([1, 1]);
  await send(3, { topic: 'a' });
  await send(3, { topic: 'b', from: 3 });
  expect(report().messages).toBe(6);
});

test('a member that fails ends the group with its error', async () => {
  const { consumption } = await open();
  const failing = startConsumption(
    { ...options, members: 2, sending: sendingOf({ ledger: false }) },
    {
      open: () => Promise.reject(new Error('refused')),
      takeLoad: () => ({ eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 }),
    },
    { signal: new AbortController().signal },
  );
  await expect(failing.assigned).rejects.toThrow('refused');
  await expect(failing.finished).rejects.toThrow('refused');
  expect(consumption.report()).toHaveLength(1);
});

test('a group rejoins during an outage for as long as the workload tolerates', async () => {
  const clock = createManualRunClock();
  let isAway = false;
  const fellOut: (() => void)[] = [];
  const consumption = startConsumption(
    { ...options, sending: sendingOf({ ledger: false, outage: '5s' }) },
    {
      async open() {
        if (isAway) throw new AppError('broker-unreachable', 'gone');
        return {
          async run(_, { onAssigned }) {
            onAssigned?.();
            await new Promise<void>((resolve) => void fellOut.push(resolve));
            throw new AppError('broker-unreachable', 'gone');
          },
          async [Symbol.asyncDispose]() {},
        };
      },
      takeLoad: () => ({ eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 }),
    },
    { signal: new AbortController().signal },
  );
  await consumption.assigned;
  consumption.begin({ clock, epochMicroseconds, fromSeconds: 0 });
  const ended = consumption.finished.catch((error: Error) => `${clock.elapsed()} s: ${error.message}`);
  isAway = true;
  fellOut[0]?.();
  await clock.advanceTo(3.5);
  isAway = false;
  await clock.advanceTo(10);
  expect(fellOut).toHaveLength(2);
  isAway = true;
  fellOut[1]?.();
  await clock.advanceTo(30);
  expect(await ended).toBe('15 s: gone');
});

test('during an outage each attempt to join waits only for its own members', async () => {
  const clock = createManualRunClock();
  const ending = new AbortController();
  const away = new AppError('broker-unreachable', 'cannot reach b:9092');
  let attempts = 0;
  const joined = { run: (_: unknown, { onAssigned }: { onAssigned: () => void }) => Promise.resolve(onAssigned()) };
  const consumption = startConsumption(
    { ...options, members: 2, sending: sendingOf({ outage: '1000000s' }) },
    {
      open: async () => {
        attempts += 1;
        if (attempts > 2) throw away;
        return { ...joined, async [Symbol.asyncDispose]() {} } as never;
      },
      takeLoad: () => ({ eventLoopUtilisation: 0, eventLoopDelayMaxSeconds: 0, cpuSeconds: 0 }),
    },
    { signal: ending.signal },
  );
  await consumption.assigned;
  consumption.begin({ clock, epochMicroseconds, fromSeconds: 0 });
  const all = vi.spyOn(Promise, 'all');
  onTestFinished(() => all.mockRestore());
  for (let second = 1; second <= 20; second++) {
    await clock.advanceTo(second);
    await delay(1);
  }
  ending.abort();
  await consumption.finished;
  expect(attempts).toBeGreaterThan(20);
  expect(Math.max(...all.mock.calls.map(([promises]) => [...promises].length))).toBe(2);
});
