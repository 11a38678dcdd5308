import { expect, test } from 'vitest';
import { counterBytes, delayedAcks, sentAtOnce, streamed, wireBytes } from '../../../../core/wire/ethernet.ts';

test('a write of one byte more than a segment has two headers', () => {
  expect(counterBytes(sentAtOnce(1448))).toBe(1514);
  expect(counterBytes(sentAtOnce(1449))).toBe(1449 + 132);
});

test('a long stream has one header per full segment, and one ACK per two segments', () => {
  expect(counterBytes(streamed(14_480))).toBe(15_140);
  expect(counterBytes(delayedAcks(14_480))).toBe(330);
});

test('the wire has 24 bytes per frame that counters do not include', () => {
  expect(wireBytes(sentAtOnce(1449)) - counterBytes(sentAtOnce(1449))).toBe(48);
});
