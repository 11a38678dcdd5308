import { expect, test } from 'vitest';
import type { Produced } from '../../../../../analyzer/evidence/load-test-run.ts';
import { ratesOf, settledWindow } from '../../../../../analyzer/verdict/steps/settled-window.ts';

const acknowledged = ({ acknowledged: messages }: Produced) => messages;

function linesOf(rates: readonly number[], worker = 'w'): Produced[] {
  return rates.map((rate, from) => ({
    from,
    to: from + 1,
    worker,
    intended: rate,
    sent: rate,
    acknowledged: rate,
    failed: 0,
    requests: 0,
    blockedSeconds: 0,
    eventLoopUtilisation: 0,
    cpuSeconds: 0,
  }));
}

test('a second without figures is not part of the warm-up and does not move its end', () => {
  const lines = linesOf(Array.from({ length: 100 }, (_, second) => (second < 20 ? 500 : 1000 + (second % 3))));
  const windowOf = (produced: readonly Produced[]) =>
    settledWindow(produced, { from: 0, to: 100, plannedSeconds: 100 }, 0).window;
  expect(windowOf(lines)).toEqual({ from: 20, to: 100 });
  expect(windowOf(lines.toSpliced(30, 1))).toEqual({ from: 20, to: 100 });
  expect(windowOf(lines.toSpliced(5, 5))).toEqual({ from: 20, to: 100 });
});

test('a second in which one of two workers has no figures is no sample', () => {
  const lines = [...linesOf([1, 1, 1, 1]), ...linesOf([2, 2, 2, 2], 'v').toSpliced(1, 1)];
  const window = { from: 0, to: 5, sampleSeconds: 1 };
  expect(ratesOf(lines, window, acknowledged)).toEqual([3, undefined, 3, 3, undefined]);
});

test('a report that arrives late leaves no gap', () => {
  const lines = linesOf([1, 1, 1]).map((line, index) => ({ ...line, from: index * 1.1 + 1, to: index * 1.1 + 2 }));
  const rates = ratesOf(lines, { from: 1, to: 4, sampleSeconds: 1 }, acknowledged);
  expect(rates.map((rate) => rate?.toFixed(1))).toEqual(['1.0', '0.9', '0.9']);
});
