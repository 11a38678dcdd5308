import { expect, test } from 'vitest';
import { coldStepsOf } from '../../../../../analyzer/verdict/steps/cold-start.ts';

/** Steps at rising rates: the first ones violated the objective. */
const coldOf = (missed: number, stepSeconds?: number) =>
  coldStepsOf(
    [1000, 2000, 3000, 4000, 5000, 6000].map((targetTps, index) => ({
      targetTps,
      isKept: index >= missed,
      ...(stepSeconds !== undefined && { endedSeconds: (index + 1) * stepSeconds }),
    })),
  );

test('a violation in the first minutes is a cold start, and one that lasts longer is a limit', () => {
  expect([coldOf(0, 600), coldOf(1, 600), coldOf(2, 300)]).toEqual([0, 1, 2]);
  expect([coldOf(2, 600), coldOf(1, 1800)]).toEqual([0, 0]);
});

test('steps without times have no cold start', () => {
  expect(coldOf(1)).toBe(0);
});
