import { expect, test } from 'vitest';
import { isAllowed, matchesAny } from '../../../exporter/name-filter.ts';

test.each([
  ['orders', 'orders', true],
  ['orders', 'order', false],
  ['orders-eu', 'orders-*', true],
  ['orders', '*', true],
  ['', '*', true],
  ['orders.eu', 'orders?eu', true],
  ['a.b', 'a[.]b', false],
  ['aXbXc', 'a*b*c', true],
  ['aXbX', 'a*b*c', false],
])('%s against %s', (name, pattern, expected) => expect(matchesAny(name, [pattern])).toBe(expected));

test('what is denied is not allowed, whatever allow says', () => {
  expect(isAllowed('orders', { allow: ['orders'], deny: ['*'] })).toBe(false);
  expect(isAllowed('orders', { allow: ['pay*'], deny: [] })).toBe(false);
  expect(isAllowed('orders', { deny: [] })).toBe(true);
});
