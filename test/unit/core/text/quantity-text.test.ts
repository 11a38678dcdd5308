import { expect, test } from 'vitest';
import {
  bitRateText,
  byteRateText,
  bytesText,
  capacityText,
  changeText,
  percentText,
  pluralText,
  quantityText,
  rateText,
  shortRateText,
} from '../../../../core/text/quantity-text.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.6, '1 kB'],
  [12_345, '12.3 kB'],
  [123_456_789n, '123 MB'],
  [9_223_372_036_854_775_807n, '9.22 EB'],
])('the text of %s bytes is %s', (value, text) => expect(bytesText(value)).toBe(text));

test('a value that rounds up to the next prefix has that prefix', () => {
  expect([capacityText(999_950, 'bytes/s'), bitRateText(999_999_999)]).toEqual(['1 MB/s', '1 Gbit/s']);
});

test('rates have their unit', () => {
  expect([
    byteRateText(1500),
    shortRateText(70_000),
    shortRateText(0.25),
    rateText(9834.4),
    capacityText(9834.4, 'messages/s'),
  ]).toEqual(['1.5 kB/s', '70k/s', '0.25/s', '9,834 msg/s', '9,834 msg/s']);
});

test.each([
  [0, '0%'],
  [0.0004, '0.04%'],
  [0.003, '0.3%'],
  [0.0345, '3.5%'],
  [0.34, '34%'],
  [0.71, '71%'],
  [0.9337, '93%'],
  [0.999_04, '99.9%'],
  [1.004, '100.4%'],
  [0.9996, '99.96%'],
  [1, '100%'],
  [2.814, '281%'],
])('the text of a ratio of %d is %s: never 0%% above 0, never 100%% below 1', (share, text) => {
  expect(percentText(share)).toBe(text);
});

test('a change has a sign', () => {
  expect([changeText(0.031), changeText(-0.12), changeText(0)]).toEqual(['+3.1%', '−12%', '±0%']);
});

test('numbers from 100 on are rounded to integers, and counted nouns are singular or plural', () => {
  expect([
    quantityText(12_345.6),
    quantityText(12.345),
    pluralText(1, 'copy', 'copies'),
    pluralText(2000, 'line'),
  ]).toEqual(['12,346', '12.3', '1 copy', '2,000 lines']);
});

test.each([
  ['requests', '1 request', '2 requests'],
  ['requests/s', '1 request/s', '2 requests/s'],
  ['flushes/s', '1 flush/s', '2 flushes/s'],
  ['cores', '1 core', '2 cores'],
  ['messages/s', '1 msg/s', '2 msg/s'],
  ['ms', '1 ms', '2 ms'],
])('one of %s is in the singular', (unit, one, two) => {
  expect([1, 2].map((value) => capacityText(value, unit))).toEqual([one, two]);
});
