import { expect, test } from 'vitest';
import { linkCeilings } from '../../../../core/wire/ethernet.ts';

test('a gigabit link has 125 MB/s of wire, 123.05 of counter and 117.69 of payload bytes per direction', () => {
  const { nominal, counter, payload } = linkCeilings(1e9);
  expect(nominal).toBe(125e6);
  expect(counter / 1e6).toBeCloseTo(123.05, 2);
  expect(payload / 1e6).toBeCloseTo(117.69, 2);
});
