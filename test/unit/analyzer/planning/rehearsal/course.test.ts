import { expect, test } from 'vitest';
import { courseOf, totalOf } from '../../../../../analyzer/planning/rehearsal/course.ts';
import { PromotionHistory } from '../../../../../core/documents/rehearsal.ts';

const historyOf = (...rates: number[][]) =>
  PromotionHistory.parse({
    schemaVersion: 1,
    kind: 'promotion-history',
    promotion: 'Sale 2025',
    cluster: 'orders',
    source: 'http://prometheus:9090',
    from: '2025-11-10T12:00:00.000Z',
    intervalSeconds: 60,
    topics: rates.map((each, index) => ({ name: `topic-${index}`, rates: each, groups: [] })),
    notes: [],
  });
const spec = { scale: 1, durationSeconds: 600, leastStepSeconds: 8 };

test('a full-length rehearsal has the rates of the promotion at their original minutes', () => {
  const course = courseOf(historyOf([10, 20, 40, 30]), { ...spec, compress: 1 });
  expect(course).toMatchObject({ compress: 1, stepSeconds: 60, peakStep: 2, peakMinutes: 2, historyPeakTps: 40 });
  expect(course.steps).toEqual([[10], [20], [40], [30]]);
});

test('a compressed rehearsal keeps the peak rate, and the mean of the other minutes', () => {
  const rates = Array.from({ length: 120 }, (_, minute) => (minute === 61 ? 500 : 100));
  const course = courseOf(historyOf(rates), { ...spec, durationSeconds: 120 });
  expect(course.compress).toBe(60);
  expect(course.steps).toHaveLength(15);
  expect(course.steps[course.peakStep]).toEqual([500]);
  expect(course.steps.filter(([rate]) => rate !== 500)).toHaveLength(14);
  expect(course.steps[0]?.[0]).toBeCloseTo(100, 9);
});

test('the mix of topics at the peak is the mix of that minute', () => {
  const course = courseOf(historyOf([10, 90, 10], [10, 10, 10]), { ...spec, scale: 2, compress: 1 });
  expect(course.steps[1]).toEqual([180, 20]);
  expect(totalOf(course.steps[0] ?? [])).toBe(40);
});

test('minutes without traffic become steps of 1 msg/s', () => {
  expect(courseOf(historyOf([0, 100]), { ...spec, compress: 1 }).steps[0]).toEqual([1]);
});

test('steps that are too short for a verdict are rejected', () => {
  expect(() => courseOf(historyOf([10, 20]), { ...spec, compress: 60 })).toThrow(/a step has to last 8 s/);
});
