import { globSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign, divide, parsePart } from '../../../../support/full-matrix/division.ts';
import { readDivision } from '../../../../support/full-matrix/part-record.ts';

const secondsOf = (parts: readonly string[][], durations: Readonly<Record<string, number>>) =>
  parts.map((part) => part.reduce((sum, file) => sum + (durations[file] ?? 0), 0));

test.each([1, 2, 8])('%d parts contain every test file of the project exactly once', (count) => {
  const files = globSync('test/{unit,contracts,properties,integration,conformance,e2e,truth}/**/*.test.ts');
  const parts = divide(files, readDivision().seconds, count);
  expect(parts).toHaveLength(count);
  expect(parts.flat().toSorted()).toEqual(files.toSorted());
});

test('the division does not depend on the order in which files are found', () =>
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 9 }), (files, count) => {
      const durations = Object.fromEntries(files.slice(0, files.length / 2).map((file) => [file, file.length]));
      expect(divide(files, durations, count)).toEqual(divide(files.toReversed(), durations, count));
    }),
  ));

test('the durations of parts differ by less than the longest file', () => {
  const durations = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`file-${index}`, (index * 37) % 101]));
  const seconds = secondsOf(divide(Object.keys(durations), durations, 4), durations);
  expect(Math.max(...seconds) - Math.min(...seconds)).toBeLessThan(100);
});

test('a new and a deleted file move no other file to another part', () => {
  const durations = { a: 9, b: 8, c: 3, d: 2, e: 1 };
  const before = divide(['a', 'b', 'c', 'd', 'e'], durations, 2);
  const after = divide(['a', 'b', 'd', 'e', 'new'], durations, 2);
  expect(after.map((part) => part.filter((file) => file !== 'new'))).toEqual(
    before.map((part) => part.filter((file) => file !== 'c')),
  );
});

test('a file added between two parts of a set runs once, in a part that has not begun', () => {
  const recorded = { a: 9, b: 8, c: 3 };
  const first = { part: '1/3', files: assign({ index: 1, of: 3 }, ['a', 'b', 'c', 'x', 'y', 'z'], recorded, []) };
  const files = ['a', 'b', 'c', 'new', 'w', 'x', 'y', 'z'];
  const second = { part: '2/3', files: assign({ index: 2, of: 3 }, files, recorded, [first]) };
  const third = { part: '3/3', files: assign({ index: 3, of: 3 }, files, recorded, [first, second]) };
  expect([first, second, third].flatMap((part) => part.files).toSorted()).toEqual(files);
  expect(assign({ index: 1, of: 3 }, files, recorded, [first, second, third])).toEqual(first.files);
});

test('a file added after every part has begun runs in the next part that runs', () => {
  const begun = ['1/2', '2/2'].map((part) => ({ part, files: [`file of ${part}`] }));
  const files = ['file of 1/2', 'file of 2/2', 'new'];
  expect(assign({ index: 2, of: 2 }, files, {}, begun)).toEqual(['file of 2/2', 'new']);
  expect(assign({ index: 1, of: 3 }, files, {}, begun)).toHaveLength(1);
});

test.each(['0/8', '9/8', '3', '3/8/1', 'x/y'])('%s is not a valid part', (title) =>
  expect(() => parsePart(title)).toThrow('write it as INDEX/COUNT, such as 3/8'),
);
