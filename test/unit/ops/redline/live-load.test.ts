import { expect, test } from 'vitest';
import { layoutChange, messagesBetween } from '../../../../ops/redline/live-load.ts';

const ends = (of: Record<string, bigint>) => ({ ends: new Map(Object.entries(of)) });

test('counts messages by offsets, and none for a partition that was re-created', () => {
  const messages = messagesBetween(
    ends({ 'orders-0': 10n, 'orders-1': 9n }),
    ends({ 'orders-0': 25n, 'orders-1': 2n, 'new-0': 5n }),
  );
  expect([...messages]).toEqual([['orders-0', 15]]);
});

test('names partitions that others changed since a reading, and ignores unchanged ones', () => {
  const before = new Map([
    ['orders-1', 'is led by broker 1'],
    ['orders-2', 'is led by broker 2'],
  ]);
  expect(layoutChange(before, { layout: new Map([...before, ['new-1', 'is led by broker 1']]) })).toBeUndefined();
  expect(layoutChange(before, { layout: new Map([...before, ['orders-2', 'is led by broker 1']]) })).toBe(
    'orders-2 is led by broker 1, not changed by this redline',
  );
  expect(layoutChange(before, { layout: new Map([['orders-1', 'is led by broker 1']]) })).toBe('orders-2 was deleted');
});
