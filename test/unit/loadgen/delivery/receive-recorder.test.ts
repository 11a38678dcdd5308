import { expect, test } from 'vitest';
import { readRuns } from '../../../../loadgen/delivery/number-runs.ts';
import { createReceiveRecorder } from '../../../../loadgen/delivery/receive-recorder.ts';
import { numberAt } from '../../../../loadgen/delivery/slot-share.ts';
import { markOf, valueOf } from '../../../support/delivery-run.ts';

const slotCount = 64;
const message = (number: number) => ({ kind: 'message' as const, number });

function numbersIn(encoded: string | undefined): [place: number, number: number][] {
  const found: [number, number][] = [];
  if (encoded === undefined) return found;
  readRuns(encoded, (share, place = -1, from, to) => {
    for (let index = from; index < to; index++) found.push([place, numberAt(share, index)]);
  });
  return found;
}

const open = (over: Partial<Parameters<typeof createReceiveRecorder>[0]> = {}) =>
  createReceiveRecorder({ marks: [{ attempt: 1, mark: markOf(1) }], slotCount, senders: [], ...over });

test('returns the due time of a message, and records its number and offset', () => {
  const book = open();
  expect(book.receive(valueOf(message(5), markOf(1), 123), 2, 70, 200)).toBe(123);
  const { received, offsets, ...rest } = book.take() ?? {};
  expect(received?.map(({ attempt, numbers }) => [attempt, numbersIn(numbers)])).toEqual([[1, [[2, 5]]]]);
  expect(numbersIn(offsets)).toEqual([[2, 70]]);
  expect(rest).toEqual({});
  expect(book.take()).toBeUndefined();
});

test('messages of an earlier attempt are recorded separately from those of this attempt', () => {
  const marks = [2, 1].map((attempt) => ({ attempt, mark: markOf(attempt) }));
  const book = open({ marks });
  book.receive(valueOf(message(1), markOf(1)), 0, 0, 1e15);
  book.receive(valueOf(message(1), markOf(2)), 0, 1, 1e15);
  expect(book.take()?.received?.map(({ attempt, numbers }) => [attempt, numbersIn(numbers)])).toEqual([
    [2, [[0, 1]]],
    [1, [[0, 1]]],
  ]);
});

test('foreign and corrupted messages have no time, and only their offsets are recorded', () => {
  const book = open();
  expect(book.receive(valueOf({ kind: 'foreign', number: 0 }), 0, 4, 1e15)).toBeUndefined();
  expect(book.receive(Buffer.from('short'), 0, 5, 1e15)).toBeUndefined();
  expect(book.receive(valueOf({ kind: 'corrupted', number: 0 }), 0, 6, 1e15)).toBeUndefined();
  const { foreign, corrupted, ...rest } = book.take() ?? {};
  expect(numbersIn(foreign)).toEqual([
    [0, 4],
    [0, 5],
  ]);
  expect(numbersIn(corrupted)).toEqual([[0, 6]]);
  expect(rest).toEqual({});
});

test('a message after the bound is late, and counts once', () => {
  const book = open({ lateAfterSeconds: 1 });
  const due = 1e15;
  book.receive(valueOf(message(0), markOf(1), due), 3, 0, due + 1e6);
  book.receive(valueOf(message(64), markOf(1), due), 3, 1, due + 1e6 + 1);
  book.receive(valueOf(message(64), markOf(1), due), 3, 1, due + 5e6);
  expect(book.take()?.faults).toEqual([{ place: 3, late: 1 }]);
});

test('a lower sequence of the same slot in the same place is out of order and not a duplicate', () => {
  const book = open();
  let offset = 0;
  // Slot 0: 0, 128, 64 (out of order), 64 again (a duplicate); slot 1 has a separate order.
  for (const number of [0, 128, 65, 64, 64, 1]) book.receive(valueOf(message(number)), 0, offset++, 1e15);
  // Another place has a separate order.
  book.receive(valueOf(message(192)), 1, 0, 1e15);
  expect(book.take()?.faults).toEqual([{ place: 0, reordered: 2 }]);
});

test('a batch of a known sender is encoded as one run, whatever its slots', () => {
  const senders = [
    [0, 3, 6, 63],
    [1, 2],
  ];
  const book = open({ senders });
  const numbers = [0, 3, 6, 63, 64, 67, 70, 127];
  for (const [offset, number] of numbers.entries()) book.receive(valueOf(message(number)), 0, offset, 1e15);
  let runs = 0;
  const encoded = book.take()?.received?.[0]?.numbers ?? '';
  readRuns(encoded, () => (runs += 1));
  expect(runs).toBe(1);
  expect(numbersIn(encoded).map(([, number]) => number)).toEqual(numbers);
});
