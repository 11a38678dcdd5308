import { expect, test } from 'vitest';
import { delayedAcks, framed, linkCeilings, streamed } from '../../../../analyzer/wire/ethernet.ts';

test('a gigabit carries 125 MB/s of wire, 123.05 of counters and 117.69 of payload in each direction', () => {
  const { nominal, counter, payload } = linkCeilings(1e9);
  expect(nominal).toBe(125e6);
  expect(counter / 1e6).toBeCloseTo(123.05, 2);
  expect(payload / 1e6).toBeCloseTo(117.69, 2);
});

test('a write of one byte over a segment pays for two headers', () => {
  expect(framed(1448)).toBe(1514);
  expect(framed(1449)).toBe(1449 + 132);
});

test('a long stream pays one header for every full segment, and half as many acknowledgements come back', () => {
  expect(streamed(14_480)).toBe(15_140);
  expect(delayedAcks(14_480)).toBe(330);
});
