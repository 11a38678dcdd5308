import { expect, test } from 'vitest';
import type { AnswerListener, TrafficDriver } from '../../../../../brokers/driver.ts';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { seconds } from '../../../../../core/clock.ts';
import { createThrottleCount } from '../../../../../loadgen/execute/workers/throttle-count.ts';
import { createFakeBroker } from '../../../../support/fake-broker.ts';
import { inProcessThreads } from '../../../../support/in-process-threads.ts';
import { runInMemory } from '../../../../support/run-in-memory.ts';

test('counts throttled responses of an interval, with the sum and maximum of their times', () => {
  const count = createThrottleCount();
  for (const time of [0.25, 0, 0.5]) count.onThrottleTime(seconds(time));
  expect(count.take()).toEqual({ answers: 2, seconds: 0.75, longestSeconds: 0.5 });
  expect(count.take()).toEqual({ answers: 0, seconds: 0, longestSeconds: 0 });
});

test('a client that reads no throttle time has no count instead of 0', () => {
  expect(createThrottleCount().take()).toBeUndefined();
});

test('the journal has throttled responses of producers and consumers per second, only if they can be read', async () => {
  const broker = createFakeBroker({ topics: { 'plimsoll-r1': 3 } });
  const { journal } = await runInMemory({
    broker,
    tools: { startThread: inProcessThreads(throttling(broker.traffic())) },
  });
  const [produced, consumed] = [linesOf(journal, 'produced'), linesOf(journal, 'consumed')];
  expect(produced.reduce((sum, { throttled, requests }) => sum + (throttled?.answers ?? NaN) - requests, 0)).toBe(0);
  expect(consumed.some(({ throttled }) => (throttled?.answers ?? 0) > 0)).toBe(true);
  const longest = produced.map(({ requests, throttled }) => requests === 0 || throttled?.longestSeconds);
  expect(new Set(longest.filter((each) => each !== true))).toEqual(new Set([0.25]));

  const unread = await runInMemory({});
  expect(
    [...linesOf(unread.journal, 'produced'), ...linesOf(unread.journal, 'consumed')].some(
      (line) => 'throttled' in line,
    ),
  ).toBe(false);
});

function linesOf<Kind extends JournalLine['kind']>(journal: readonly JournalLine[], kind: Kind) {
  return journal.filter((line): line is Extract<JournalLine, { kind: Kind }> => line.kind === kind);
}

/** A driver whose every response throttles the client for 0.25 s. */
function throttling(traffic: TrafficDriver): TrafficDriver {
  const answered = (listener?: AnswerListener) => listener?.onThrottleTime(seconds(0.25));
  return {
    ...traffic,
    async producer(options, listener) {
      const producer = await traffic.producer(options);
      return {
        async send(batch, io) {
          await producer.send(batch, io);
          answered(listener);
        },
        [Symbol.asyncDispose]: () => producer[Symbol.asyncDispose](),
      };
    },
    async consumer(options, listener) {
      const consumer = await traffic.consumer(options);
      return {
        run: (onBatch, io) =>
          consumer.run((batch) => {
            answered(listener);
            return onBatch(batch);
          }, io),
        [Symbol.asyncDispose]: () => consumer[Symbol.asyncDispose](),
      };
    },
  };
}
