import { expect, test } from 'vitest';
import { counterBytes, delayedAcks, sentAtOnce, streamed, wireBytes } from '../../../../core/wire/flow.ts';

test('a write of one byte over a segment pays for two headers', () => {
  expect(counterBytes(sentAtOnce(1448))).toBe(1514);
  expect(counterBytes(sentAtOnce(1449))).toBe(1449 + 132);
});

test('a long stream pays one header for every full segment, and half as many acknowledgements come back', () => {
  expect(counterBytes(streamed(14_480))).toBe(15_140);
  expect(counterBytes(delayedAcks(14_480))).toBe(330);
});

test('the wire carries 24 bytes a frame that no counter shows', () => {
  expect(wireBytes(sentAtOnce(1449)) - counterBytes(sentAtOnce(1449))).toBe(48);
});
