import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { recorded } from '../../../support/full-matrix/recorded.ts';
import { faultRows, renderFaults } from '../../../support/fault-rows.ts';

const named = (source: string) =>
  Array.from(source.matchAll(/\btest\(\s*'((?:[^'\\]|\\.)*)'/g), ([, name = '']) => name).toSorted();

test('every fault test has a row in the table, and every row has a test', async () => {
  const files = await Array.fromAsync(glob('test/integration/faults/*.test.ts'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const rows = faultRows.filter((row) => row.file === file).map(({ fault }) => fault);
    expect(rows.toSorted()).toEqual(named(readFileSync(file, 'utf8')));
  }
  expect(new Set(faultRows.map(({ file }) => file))).toEqual(new Set(files));
});

test('a row shows the result of its test, or that it did not run', () => {
  const [first] = faultRows;
  const second = faultRows.find(({ file }) => file !== first?.file);
  const failures = [{ test: `the page > ${first?.fault}`, error: 'timed out' }];
  const lines = renderFaults([recorded({ file: first?.file ?? '', failures })]).split('\n');
  expect(lines.find((line) => line.startsWith(`| ${first?.fault} |`))).toMatch(/\| failed \|$/);
  expect(lines.find((line) => line.startsWith(`| ${second?.fault} |`))).toMatch(/\| not run \|$/);
});
