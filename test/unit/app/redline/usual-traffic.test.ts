import { expect, test } from 'vitest';
import { usualTraffic } from '../../../../app/redline/raise-load.ts';

test.each([
  ['nothing before the first step', [], 0, 0],
  ['the step before, while traffic falls slowly', [200, 196, 192], 192, 192],
  // Measured: the producer paused in the second step, which did not count, and sent the rest in the third.
  ['the mean after a pause and what was sent late', [200, 180, 219], 219, 599 / 3],
])('a step is compared with %s', (_, totals, before, usual) => {
  expect(usualTraffic(totals, before)).toBeCloseTo(usual, 9);
});
