import { expect, test } from 'vitest';
import { causeOfSlowSeconds, joinPauses } from '../../../../../analyzer/verdict/steps/slow-seconds.ts';
import { binomialTail } from '../../../../../core/statistics/statistics.ts';

/** A p99 of ten milliseconds in each second, and of one second in the slow ones. */
const secondsOf = (count: number, slow: readonly number[]) =>
  Array.from({ length: count }, (_, from) => ({
    from,
    to: from + 1,
    p99Seconds: slow.includes(from) ? 1 : 0.01,
    stepP99Seconds: 0.05,
  }));
const pauseAt = (from: number, pausedSeconds: number) => ({ from, to: from + pausedSeconds, pausedSeconds });

test('a slow second contains a pause if the two overlap', () => {
  const joined = joinPauses(secondsOf(20, [4, 9]), [pauseAt(4.2, 0.5), pauseAt(12, 0.1)]);
  expect(joined).toEqual({
    seconds: 20,
    secondsWithPause: 2,
    slowSeconds: 2,
    slowSecondsWithPause: 1,
    pauseShareOfSlowSeconds: 0.25,
    p99WithPauseSeconds: 0.01,
    p99WithoutPauseSeconds: 0.01,
  });
});

test('a pause counts in the next second, too, since responses to delayed messages may arrive then', () => {
  const { slowSecondsWithPause, secondsWithPause } = joinPauses(secondsOf(5, [3]), [pauseAt(2.4, 0.58)]);
  expect([slowSecondsWithPause, secondsWithPause]).toEqual([1, 2]);
});

test('a pause that spans several seconds is counted in each of them', () => {
  const joined = joinPauses(secondsOf(10, [3, 4, 5]), [pauseAt(3.5, 2)]);
  expect(joined).toMatchObject({ secondsWithPause: 3, slowSecondsWithPause: 3, p99WithPauseSeconds: 1 });
  expect(joined.pauseShareOfSlowSeconds).toBeCloseTo(2 / 3);
});

test('percentiles without any second are absent', () => {
  expect(joinPauses(secondsOf(3, []), [])).toEqual({
    seconds: 3,
    secondsWithPause: 0,
    slowSeconds: 0,
    slowSecondsWithPause: 0,
    p99WithoutPauseSeconds: 0.01,
  });
});

test.each([
  ['most contain one of few pauses', [3, 8, 14, 17], [3, 8, 14, 17], 'gc'],
  ['few contain a pause', [3, 8, 14, 17], [3, 5], 'other'],
  ['there are only two', [3, 8], [3, 8], undefined],
  [
    'each contains a pause, like nearly every second',
    [3, 8, 14, 17],
    Array.from({ length: 19 }, (_, at) => at),
    undefined,
  ],
  ['none contains a pause', [3, 8, 14, 17], [], undefined],
])('determines whether pauses caused slow seconds of which %s', (_, slow, pauses, cause) => {
  const joined = joinPauses(
    secondsOf(20, slow),
    pauses.map((at) => pauseAt(at + 0.3, 0.2)),
  );
  expect(causeOfSlowSeconds(joined)).toBe(cause);
});

test('the tail of a binomial distribution matches hand-computed values', () => {
  expect(binomialTail(0, 10, 0.3)).toBe(1);
  expect(binomialTail(10, 10, 0.5)).toBeCloseTo(0.5 ** 10, 12);
  expect(binomialTail(6, 10, 0.5)).toBeCloseTo(386 / 1024, 12);
  expect(binomialTail(1, 3, 1)).toBe(1);
  expect(binomialTail(400, 1000, 0.3)).toBeGreaterThan(0);
});
