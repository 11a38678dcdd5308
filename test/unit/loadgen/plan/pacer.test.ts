import { expect, test } from 'vitest';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { createPacer } from '../../../../loadgen/plan/pacer.ts';

const segment = (from: number, to: number, duration: number) => ({
  kind: 'rate' as const,
  from: messagesPerSecond(from),
  to: messagesPerSecond(to),
  duration: seconds(duration),
});

test('a constant rate sends at equal intervals, the first message at once', () => {
  const pacer = createPacer([segment(4, 4, 1)]);
  expect(Array.from({ length: pacer.total }, (_, n) => pacer.intendedTime(n))).toEqual([0, 0.25, 0.5, 0.75]);
});

test('a ramp from zero sends message n when the area under the rate reaches n', () => {
  // area(t) = t²/2 · 8, so message n is due at √(n/4)
  const pacer = createPacer([segment(0, 8, 1)]);
  expect(pacer.total).toBe(4);
  for (const n of [0, 1, 2, 3]) expect(pacer.intendedTime(n)).toBeCloseTo(Math.sqrt(n / 4), 12);
});

test('a ramp down to zero sends its last message within the segment', () => {
  const pacer = createPacer([segment(8, 0, 1)]);
  expect(pacer.total).toBe(4);
  expect(pacer.intendedTime(3)).toBeCloseTo(0.5, 12);
});

test('a pause sends nothing and delays the messages after it', () => {
  const pacer = createPacer([segment(2, 2, 1), segment(0, 0, 5), segment(1, 1, 2)]);
  expect(Array.from({ length: pacer.total }, (_, n) => pacer.intendedTime(n))).toEqual([0, 0.5, 6, 7]);
  expect([1, 1.1, 5.9, 6, 7].map((moment) => pacer.dueBy(moment))).toEqual([2, 2, 2, 3, 4]);
});

test('rounding never drops a message', () => {
  const third = segment(1 / 3, 1 / 3, 1);
  expect(createPacer([third, third, third]).total).toBe(1);
});

test('no message is due before the start, and all are due after the end', () => {
  const pacer = createPacer([segment(10, 10, 2)]);
  expect([pacer.dueBy(-1), pacer.dueBy(0), pacer.dueBy(1), pacer.dueBy(99)]).toEqual([0, 1, 11, 20]);
});
