import { sendingOf } from '../../../../support/sending.ts';
import { expect, test } from 'vitest';
import { createMessages } from '../../../../../loadgen/plan/messages/message-source.ts';
import type { MessageSpec } from '../../../../../loadgen/plan/messages/message-spec.ts';
import { createOutgoingMaker } from '../../../../../loadgen/execute/workers/outgoing.ts';

const spec: MessageSpec = {
  seed: 1,
  sizes: { kind: 'fixed', bytes: 100 },
  keys: { kind: 'none' },
  filler: { kind: 'random' },
  mix: {
    topics: [
      { sizes: { kind: 'fixed', bytes: 100 }, keys: { kind: 'none' } },
      { sizes: { kind: 'fixed', bytes: 500 }, keys: { kind: 'uniform', distinct: 10, bytes: 16 } },
    ],
    phases: [
      { from: 0, messages: 10_000, shares: [3, 1] },
      { from: 10_000, messages: 10_000, shares: [1, 1] },
    ],
  },
};
const countOf = (from: number, to: number) => {
  const messages = createMessages(spec);
  let second = 0;
  for (let n = from; n < to; n += 1) second += messages.topicOf?.(n) ?? 0;
  return second;
};

test('topics have their shares in each phase, and separate sizes and keys', () => {
  expect(countOf(0, 10_000) / 10_000).toBeCloseTo(0.25, 1);
  expect(countOf(10_000, 20_000) / 10_000).toBeCloseTo(0.5, 1);
  const messages = createMessages(spec);
  for (let n = 0; n < 50; n += 1) {
    const isSecond = messages.topicOf?.(n) === 1;
    expect(messages.sizeOf(n)).toBe(isSecond ? 500 : 100);
    expect(messages.keyOf(n) === undefined).toBe(!isSecond);
  }
  // 7,500 of 20,000 messages are of the second topic.
  expect(messages.sizes.mean).toBeCloseTo(250, 6);
});

test('a message has the same topic no matter in which order messages are created', () => {
  const [a, b] = [createMessages(spec), createMessages(spec)];
  const numbers = [15_000, 3, 9_999, 10_000, 0];
  const forwards = new Map(numbers.toSorted((x, y) => x - y).map((n) => [n, a.topicOf?.(n)]));
  for (const n of numbers) expect(b.topicOf?.(n)).toBe(forwards.get(n));
});

test('a window of messages is distributed over its topics, each message once', () => {
  const options = {
    broker: 'kafka' as const,
    worker: 0,
    topics: ['a-1', 'a-2'],
    partitions: 4,
    messages: spec,
    mark: 7,
    slotCount: 64,
    sending: sendingOf({ ledger: false }),
  };
  const maker = createOutgoingMaker(options, 0);
  const numbers = Array.from({ length: 200 }, (_, n) => n);
  const made = maker.make({ numbers, intended: numbers.map((n) => n / 100) }, 0);
  expect(made.flatMap((outgoing) => outgoing.numbers).toSorted((x, y) => x - y)).toEqual(numbers);
  const messages = createMessages(spec);
  for (const { place, numbers: own } of made) {
    for (const n of own) expect(messages.topicOf?.(n)).toBe(place.topicIndex);
  }
});
