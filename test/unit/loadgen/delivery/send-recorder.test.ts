import { expect, test } from 'vitest';
import { readRuns } from '../../../../loadgen/delivery/number-runs.ts';
import { createSendRecorder } from '../../../../loadgen/delivery/send-recorder.ts';
import { numberAt } from '../../../../loadgen/delivery/slot-share.ts';

function numbersIn(encoded: string | undefined): number[] {
  const found: number[] = [];
  if (encoded === undefined) return found;
  readRuns(encoded, (share, _place, from, to) => {
    for (let index = from; index < to; index++) found.push(numberAt(share, index));
  });
  return found;
}

const open = () => createSendRecorder({ attempt: 3, slotCount: 64, slots: [0, 2] });

test('unanswered messages are reported each time until they are answered', () => {
  const book = open();
  const numbers = [0, 2, 64];
  book.sent(7, numbers);
  expect(numbersIn(book.take()?.unanswered)).toEqual(numbers);
  book.settle(numbers, 'acknowledged', 0, 1);
  expect(book.take()).toMatchObject({ attempt: 3, unanswered: expect.any(String) });
  book.settle(numbers, 'unknownFate', 1, 3);
  const { unknownFate, ...rest } = book.take() ?? {};
  expect(numbersIn(unknownFate)).toEqual([2, 64]);
  expect(rest).toEqual({ attempt: 3 });
  expect(book.take()).toBeUndefined();
});

test('adopted slots count from then on', () => {
  const book = open();
  const before = [0, 2];
  const after = [64, 65, 66];
  book.sent(0, before);
  book.settle(before, 'acknowledged', 0, 2);
  book.adopt([1]);
  book.sent(0, after);
  book.settle(after, 'acknowledged', 0, 3);
  expect(numbersIn(book.take()?.acknowledged)).toEqual([0, 2, 64, 65, 66]);
});

test('settling a message twice or before it was sent throws a RangeError', () => {
  const book = open();
  const numbers = [0];
  expect(() => book.settle(numbers, 'acknowledged', 0, 1)).toThrow(RangeError);
  book.sent(0, numbers);
  book.settle(numbers, 'refused', 0, 1);
  expect(() => book.settle(numbers, 'acknowledged', 0, 1)).toThrow(RangeError);
});
