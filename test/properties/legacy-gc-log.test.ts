import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLegacy } from '../../gc/log/legacy/legacy.ts';
import { linesOf, readLegacy } from '../support/legacy-events.ts';

const folder = new URL('../fixtures/gc-logs/legacy/', import.meta.url);
const logs = readdirSync(folder).map((name) => linesOf(readFileSync(new URL(name, folder), 'latin1')));

test('reading resumed from its state at any line yields the same events', () => {
  for (const lines of logs) {
    const whole = readLegacy(lines);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: lines.length }), { maxLength: 40 }), (cuts) => {
        expect(readLegacy(lines, new Set(cuts))).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  }
});

test('a lost line costs only the pauses that it contains and the open one', () => {
  for (const lines of logs) {
    const { pauses } = readLegacy(lines);
    fc.assert(
      fc.property(fc.nat({ max: lines.length - 1 }), (lost) => {
        const kept = readLegacy(lines.filter((_, number) => number !== lost));
        expect(kept.pauses.length).toBeGreaterThanOrEqual(
          pauses.length - (lines[lost]?.match(/\[(?:Full )?GC/g)?.length ?? 0) - 1,
        );
        expect(kept.pauses.length).toBeLessThanOrEqual(pauses.length);
      }),
      { numRuns: 10 },
    );
  }
});

test('the state between two lines is bounded, however many records stay open', () => {
  const pieces = fc.constantFrom(
    '[GC (',
    '[GC (CMS Final Remark) ',
    '[[[',
    '[G1Ergonomics x]',
    ' 1K->',
    '0.1: [ParNew',
    'x',
  );
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1 }), (parts) => {
      const dialect = openLegacy(() => {});
      dialect.read('0.100: [GC (Allocation Failure) ');
      for (let line = 0; line < 100; line += 1) dialect.read(parts.join('').repeat(100));
      expect(JSON.stringify(dialect.state()).length).toBeLessThan(200_000);
    }),
    { numRuns: 20 },
  );
});

test('no line stalls the parser', () => {
  const pieces = fc.constantFrom(
    '1',
    '1.',
    ' ',
    '(',
    ')',
    '[',
    'K->',
    '[GC (CMS Final Remark) ',
    ', 1 secs',
    'VM ',
    '- age ',
    '   ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 3 }), pieces, (parts, first) => {
      const line = first + parts.join('').repeat(60_000 / parts.join('').length);
      const dialect = openLegacy(() => {});
      dialect.read('0.100: [GC (Allocation Failure) ');
      dialect.read(line);
      dialect.finish();
    }),
    { numRuns: 300 },
  );
});
