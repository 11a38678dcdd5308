import { expect, test } from 'vitest';
import { isAllowed, matchesAny, NameFilter } from '../../../exporter/name-filter.ts';

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
])('%s matches %s: %s', (name, pattern, expected) => expect(matchesAny(name, [pattern])).toBe(expected));

test('deny takes precedence over allow', () => {
  expect(isAllowed('orders', { allow: ['orders'], deny: ['*'] })).toBe(false);
  expect(isAllowed('orders', { allow: ['pay*'], deny: [] })).toBe(false);
  expect(isAllowed('orders', { deny: [] })).toBe(true);
});

test.each(['^orders', 'orders$', '/orders/', '.*', '.+'])('%s is refused as a regular expression', (pattern) => {
  const [issue] = NameFilter.safeParse({ allow: [pattern] }).error?.issues ?? [];
  expect(issue?.message).toMatch(/^is written like a regular expression/);
});

test.each(['orders.*', '*', 'a/b', '*.dlq', '%RETRY%*'])('%s is a valid pattern', (pattern) => {
  expect(NameFilter.safeParse({ allow: [pattern] }).success).toBe(true);
});
