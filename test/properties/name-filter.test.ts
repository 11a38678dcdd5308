import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesAny } from '../../exporter/name-filter.ts';

const letters = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 12 }).map((found) => found.join(''));
const patterns = fc.array(fc.constantFrom('a', 'b', '.', '*', '?'), { maxLength: 10 }).map((found) => found.join(''));

test('a pattern matches the same names as its regular expression', () => {
  fc.assert(
    fc.property(letters, patterns, (name, pattern) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*').replaceAll('?', '.');
      expect(matchesAny(name, [pattern])).toBe(new RegExp(`^${source}$`).test(name));
    }),
  );
});
