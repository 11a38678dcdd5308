import { expect, test } from 'vitest';
import { highestOf, isAtLeast, ranks, roles } from '../../../core/roles.ts';

test('each role includes the roles below it and no role above', () => {
  expect(ranks.map((role) => ranks.map((least) => isAtLeast(role, least)))).toEqual([
    [true, false, false],
    [true, true, false],
    [true, true, true],
  ]);
});

test('a notifier, which only posts alerts, is not even a viewer', () => {
  expect(roles.filter((role) => !isAtLeast(role, 'viewer'))).toEqual(['notifier']);
});

test('returns the highest role, in any order', () => {
  expect(highestOf(['viewer', 'admin', 'operator'])).toBe('admin');
  expect(highestOf(['operator', 'viewer'])).toBe('operator');
  expect(highestOf([])).toBeUndefined();
});
