import { expect, test } from 'vitest';
import { createSampleWriter, renderHead } from '../../../../exporter/exposition/text-format.ts';

const nowhere = { names: [], values: [] };
const lab = { names: ['cluster'], values: ['lab'] };

test('escapes backslash and newline in help, and quotes too in OpenMetrics', () => {
  const head = { type: 'gauge', help: 'C:\\ "x"\ny' };
  expect(renderHead('text', 'a', head)).toBe('# HELP a C:\\\\ "x"\\ny\n# TYPE a gauge\n');
  expect(renderHead('openmetrics', 'a', head)).toBe('# TYPE a gauge\n# HELP a C:\\\\ \\"x\\"\\ny\n');
});

test('an OpenMetrics family has no _total suffix, and its unit is declared if the name contains it', () => {
  const head = { type: 'counter', help: 'h' };
  expect(renderHead('openmetrics', 'read_bytes_total', head)).toBe(
    '# TYPE read_bytes counter\n# UNIT read_bytes bytes\n# HELP read_bytes h\n',
  );
  expect(renderHead('text', 'read_bytes_total', head)).toBe(
    '# HELP read_bytes_total h\n# TYPE read_bytes_total counter\n',
  );
});

test('a foreign counter without _total has the type unknown in OpenMetrics', () =>
  expect(renderHead('openmetrics', 'sent', { type: 'counter', help: 'h' })).toContain('# TYPE sent unknown\n'));

test.each([
  [9_007_199_254_740_993n, '9007199254740993'],
  [0.1, '0.1'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('the value %s is written as %s', (value, text) =>
  expect(createSampleWriter('a', [], nowhere)([], value)).toBe(`a ${text}\n`),
);

test('braces are written only around labels, with backslash, newline and quotes escaped', () => {
  expect(createSampleWriter('a', [], lab)([], 1)).toBe('a{cluster="lab"} 1\n');
  expect(createSampleWriter('a', ['l', 'm'], nowhere)(['C:\\ "x"\ny', 'z'], 1)).toBe(
    'a{l="C:\\\\ \\"x\\"\\ny",m="z"} 1\n',
  );
});

test('each sample has its own labels, whichever differ from the previous sample', () => {
  const write = createSampleWriter('a', ['g', 't', 'p'], lab);
  const samples = [
    ['g1', 't1', '0'],
    ['g1', 't1', '1'],
    ['g1', 't2', '1'],
    ['g2', 't2', '1'],
    ['g2', 't1', '1'],
  ];
  expect(samples.map((labels) => write(labels, 1))).toEqual(
    samples.map(([g, t, p]) => `a{cluster="lab",g="${g}",t="${t}",p="${p}"} 1\n`),
  );
});

test("a label that the page also sets is written once, with the page's value", () => {
  expect(createSampleWriter('a', ['cluster', 'topic'], lab)(['DefaultCluster', 't'], 1)).toBe(
    'a{cluster="lab",topic="t"} 1\n',
  );
  expect(createSampleWriter('a', ['cluster', 'topic'], nowhere)(['DefaultCluster', 't'], 1)).toBe(
    'a{cluster="DefaultCluster",topic="t"} 1\n',
  );
});
