import { expect, test } from 'vitest';
import { renderHead, renderLabels, renderSample } from '../../../../exporter/exposition/text-format.ts';

test('escapes backslash and newline in help, and quotes too in labels', () => {
  expect(renderHead('a', { type: 'gauge', help: 'C:\\ "x"\ny' })).toBe('# HELP a C:\\\\ "x"\\ny\n# TYPE a gauge\n');
  expect(renderLabels(['l', 'm'], ['C:\\ "x"\ny', 'z'])).toBe('l="C:\\\\ \\"x\\"\\ny",m="z"');
});

test.each([
  [9_007_199_254_740_993n, '9007199254740993'],
  [0.1, '0.1'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('writes %s as %s', (value, text) => expect(renderSample('a', '', value)).toBe(`a ${text}\n`));

test('has braces only around labels', () => expect(renderSample('a', 'l="x"', 1)).toBe('a{l="x"} 1\n'));
