import { expect, test } from 'vitest';
import { readSamples } from '../../../../core/text/prometheus-text.ts';

const read = (page: string) => [...readSamples(page)];

test('reads samples with and without labels, and with a timestamp', () =>
  expect(read('# HELP a b\n# TYPE a counter\na 1\nb{x="1",y="two"} 2.5e3\nc{x="1",} 3 1395066363000\n')).toEqual([
    { metric: 'a', labels: {}, value: 1 },
    { metric: 'b', labels: { x: '1', y: 'two' }, value: 2500 },
    { metric: 'c', labels: { x: '1' }, value: 3 },
  ]));

test('resolves escapes in label values', () =>
  expect(read('a{path="C:\\\\dir",quote="\\"}",line="1\\n2"} 1')).toEqual([
    { metric: 'a', labels: { path: 'C:\\dir', quote: '"}', line: '1\n2' }, value: 1 },
  ]));

test('skips invalid lines and values that are not finite', () =>
  expect(read('a NaN\nb +Inf\nc\nd{x="1"\ne{x=1} 2\n<html>\n\nf 4')).toEqual([{ metric: 'f', labels: {}, value: 4 }]));
