import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RunDocument } from '../../../../../core/documents/run-bundle.ts';
import { analyzeWritten } from '../../../../../analyzer/verdict/analyze-written.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { renderText } from '../../../../../dashboards/reports/analysis/text.ts';

const bundle = new URL('../../../../../examples/founding-70k/run.json', import.meta.url);
const run = RunDocument.parse(JSON.parse(readFileSync(bundle, 'utf8')));
if (run.origin !== 'readings') throw new Error(run.origin);
const analysis = analyzeWritten(run, examplePolicy());
const page = renderText(analysis, { colours: false, detail: 'full' });
const lines = page.split('\n');

test('an observed maximum is printed as one reading, with the safe rate for each capacity', () => {
  expect(page).toContain(
    'Safe maximum  56,000 msg/s (observed at 70,000, scaled to the policy limit)\n' +
      'Bottleneck    network-out of RaftNode00:0\nSaturation    70,000 msg/s, observed (a single reading)\n',
  );
  expect(lines.filter((line) => /msg\/s {2}\d+% of/.test(line)).map((line) => line.trim().slice(0, 40))).toEqual([
    '65,715 to 70,000 msg/s  80% of line rate',
    '56,000 msg/s  80% of the practical maxim',
    '82,144 to 87,500 msg/s  100% of line rat',
    '70,000 msg/s  100% of the practical maxi',
  ]);
});

test('a one-sided utilisation is printed as a bound, and unknown figures have no column', () => {
  expect(lines.find((line) => line.includes(' cpu '))).toMatch(/at most 60% +70% +24 cores$/);
  expect(page).toMatch(/^achieved {2}result$/m);
  expect(page).not.toContain('p99');
});

test('list items of a finding have separate lines, and no line is longer than 100 columns', () => {
  expect(lines.filter((line) => /^ {9}- /.test(line))).toHaveLength(7);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('a finding that ends in a list is printed without the list, and the notes are counted', () => {
  const short = renderText(analysis, { colours: false });
  expect(short).toContain('The figures do not agree with each other.');
  expect(short).not.toMatch(/Nearest to|^ {9}- |^info /m);
  expect(short).toMatch(/^\d+ notes and details of the findings; --verbose prints them$/m);
});
