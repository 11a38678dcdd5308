// Compares sizes and stamps parsed in place with regular expressions over the whole text.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeIn, occupancyIn } from '../../gc/log/legacy/pause-record.ts';
import { parseSize, size } from '../../gc/log/legacy/quantity.ts';
import { stampBefore } from '../../gc/log/legacy/stamp.ts';

const change = new RegExp(`(${size})(?:\\(${size}\\))?->(${size})\\((${size})\\)`);
const occupancy = new RegExp(`(${size})\\((${size})\\)`);
const stamps =
  /(?:(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d[.,]\d{3}(?:[+-]\d\d:?\d\d|Z): ?)?(?:(?<![\d.,])(\d+[.,]\d{3}): ?)?(?:#(\d+): ?)?$/;

/** Whole figures beside parts of figures, as in interleaved lines of two writers. */
const pieces = (...words: readonly string[]) =>
  fc.array(fc.constantFrom(...words), { maxLength: 9 }).map((parts) => parts.join(''));
const sizes = pieces(
  '46468K',
  '9320K',
  '83008K',
  '1.5M',
  '2,0G',
  '0.0B',
  '1234567890123456K',
  '->',
  '(',
  ')',
  '.',
  ' ',
  '7',
);
const stamped = pieces(
  '2020-02-06T14:39:56.629+0800',
  '2020-02-06T14:39:56,629-08:00',
  '2020-02-06T14:39:56.629Z',
  '0.848',
  '12345678901234567890123456789012345678901234567890123456789.123',
  '1,5',
  '#12',
  ': ',
  ':',
  ' ',
  '8',
);

test('`changeIn` finds the first size change that the regular expression finds', () => {
  fc.assert(
    fc.property(sizes, (text) => {
      const sought = change.exec(text)?.slice(1).map(parseSize);
      const found = changeIn(text);
      expect(found && [found.beforeBytes, found.afterBytes, found.committedBytes]).toEqual(sought);
    }),
    { numRuns: 3000 },
  );
});

test('`occupancyIn` finds the first occupancy that the regular expression finds', () => {
  fc.assert(
    fc.property(sizes, (text) => {
      const sought = occupancy.exec(text)?.slice(1).map(parseSize);
      const found = occupancyIn(text);
      expect(found && [found.beforeBytes, found.committedBytes]).toEqual(sought);
    }),
    { numRuns: 3000 },
  );
});

test('`stampBefore` finds the longest stamp that ends where the record begins', () => {
  fc.assert(
    fc.property(stamped, stamped, (text, after) => {
      const [whole = '', year, uptime, id] = stamps.exec(text.slice(-64)) ?? [];
      const { from, moment, gcId } = stampBefore(text + after, text.length);
      expect(from).toBe(text.length - whole.length);
      expect(moment.epochMs !== undefined).toBe(year !== undefined);
      expect(moment.uptimeSeconds).toBe(uptime === undefined ? undefined : Number(uptime.replace(',', '.')));
      expect(gcId).toBe(id === undefined ? undefined : Number(id));
    }),
    { numRuns: 3000 },
  );
});
