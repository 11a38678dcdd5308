// Compares figures parsed in place with JavaScript's own parsing and regular expressions.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesBetween, decimal, digitsEnd, figureEnd, sizeEnd } from '../../gc/log/quantity.ts';
import { figure } from '../../gc/log/unified/quantities.ts';

const digits = (most: number) => fc.stringMatching(new RegExp(`^\\d{1,${most}}$`));
const printed = fc
  .tuple(digits(18), fc.option(fc.tuple(fc.constantFrom('.', ','), digits(12))))
  .map((parts) => parts.flat(2).join(''));
const anything = fc.stringMatching(/^[\d.,BKMGTsE-]{0,24}$/);
const numberOf = (text: string) => {
  const value = Number(text);
  return Number.isNaN(value) ? Number(text.replace(',', '.')) : value;
};

test('`decimal` equals the number that JavaScript parses, also with a decimal comma', () => {
  fc.assert(
    fc.property(fc.oneof(printed, anything), (text) => {
      expect(decimal(text)).toBe(numberOf(text));
    }),
  );
});

test('`decimal` reads a number in the middle of a text', () => {
  fc.assert(
    fc.property(anything, printed, anything, (left, text, right) => {
      expect(decimal(left + text + right, left.length, left.length + text.length)).toBe(numberOf(text));
    }),
  );
});

test('`sizeEnd` ends a size where the regular expression does', () => {
  const size = new RegExp(`^${figure}[BKMGT]`);
  const sizes = fc.tuple(printed, fc.constantFrom('B', 'K', 'M', 'G', 'T', 'P', '')).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(anything, sizes), (text) => {
      expect(sizeEnd(text, 0)).toBe(size.exec(text)?.[0].length);
    }),
  );
});

test('`figureEnd` ends a duration where the regular expression does', () => {
  const duration = new RegExp(`^${figure}s`);
  const endOf = (text: string) => {
    const end = figureEnd(text, 0);
    return end !== undefined && text.startsWith('s', end) ? end + 1 : undefined;
  };
  const durations = printed.map((text) => `${text}s`);
  fc.assert(
    fc.property(fc.oneof(anything, durations), (text) => {
      expect(endOf(text)).toBe(duration.exec(text)?.[0].length);
    }),
  );
});

test('`digitsEnd` reads at most the given number of digits', () => {
  expect(digitsEnd('a1234567890b', 1, 9)).toBe(10);
  expect(digitsEnd('a12b', 1, 9)).toBe(3);
});

test.each([
  ['51M', 51 * 2 ** 20],
  ['0,5K', 512],
  ['7B', 7],
])('%s is %d bytes', (text, bytes) => expect(bytesBetween(`(${text})`, 1, text.length + 1)).toBe(bytes));
