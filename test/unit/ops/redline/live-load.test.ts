import { expect, test } from 'vitest';
import { messagesBetween } from '../../../../ops/redline/live-load.ts';

const ends = (of: Record<string, bigint>) => ({ ends: new Map(Object.entries(of)) });

test('counts messages by offsets; a partition that was created again has none', () => {
  const messages = messagesBetween(
    ends({ 'orders-0': 10n, 'orders-1': 9n }),
    ends({ 'orders-0': 25n, 'orders-1': 2n, 'new-0': 5n }),
  );
  expect([...messages]).toEqual([['orders-0', 15]]);
});
