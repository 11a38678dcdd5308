import { expect, test } from 'vitest';
import { limitStarts } from '../../../brokers/latest-starts.ts';

test('a partition starts at its limit the first time, and never after the committed offset', () => {
  const startOf = limitStarts(
    new Map([
      [0, 5],
      [1, 9],
    ]),
  );
  expect([startOf(0, 8n), startOf(1, 8n), startOf(2, 8n)]).toEqual([5n, 8n, 8n]);
  expect([startOf(0, 8n), startOf(1, 12n)]).toEqual([8n, 12n]);
});
