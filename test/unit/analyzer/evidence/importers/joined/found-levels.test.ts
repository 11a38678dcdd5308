import fc from 'fast-check';
import { expect, test } from 'vitest';
import { levelsOf } from '../../../../../../analyzer/evidence/importers/joined/found-levels.ts';

const noisy = (level: number, index: number) => level * (1 + 0.01 * Math.sin(index * 2.3));
const stretch = (level: number, length: number) => Array.from({ length }, (_, index) => noisy(level, index));

test('a constant rate with noise is one level', () => {
  expect(levelsOf(stretch(50_000, 60))).toEqual([{ from: 0, to: 60 }]);
});

test('a staircase is split at its steps', () => {
  expect(levelsOf([...stretch(1000, 10), ...stretch(2000, 10), ...stretch(1500, 10)])).toEqual([
    { from: 0, to: 10 },
    { from: 10, to: 20 },
    { from: 20, to: 30 },
  ]);
});

test('a change of less than 5% is not a new level', () => {
  expect(levelsOf([...Array.from({ length: 10 }, () => 1000), ...Array.from({ length: 10 }, () => 1040)])).toHaveLength(
    1,
  );
});

test('an empty series has no level, and a series of zeros has one', () => {
  expect(levelsOf([])).toEqual([]);
  expect(levelsOf([0, 0, 0])).toEqual([{ from: 0, to: 3 }]);
});

test('levels cover any series without gaps', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 80 }), (rates) => {
      const levels = levelsOf(rates);
      expect(levels[0]?.from).toBe(0);
      expect(levels.at(-1)?.to).toBe(rates.length);
      for (const [index, { from, to }] of levels.entries()) {
        expect(to).toBeGreaterThan(from);
        if (index > 0) expect(from).toBe(levels[index - 1]?.to);
      }
    }),
    { numRuns: 200 },
  );
});

test('the unit of the rates does not change the levels', () => {
  const rates = [...stretch(1000, 10), ...stretch(2000, 10)];
  expect(levelsOf(rates.map((rate) => rate * 60))).toEqual(levelsOf(rates));
});
