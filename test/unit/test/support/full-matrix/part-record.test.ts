import { expect, test } from 'vitest';
import { failedOf, newestSet, parsePartRecord, remainingOf } from '../../../../support/full-matrix/part-record.ts';
import { renderReliability } from '../../../../support/full-matrix/page.ts';
import { partRecord, recorded } from '../../../../support/full-matrix/recorded.ts';

const [first, second] = [recorded({ file: 'a' }), recorded({ file: 'b' })];

test('a record cut off by a crash is dropped, and its file runs again', () => {
  const { records: _, ...begun } = partRecord({ files: ['a', 'b'] });
  const text = [begun, first, second]
    .map((line) => JSON.stringify(line))
    .join('\n')
    .slice(0, -9);
  const part = parsePartRecord(text);
  expect(part?.records).toEqual([first]);
  expect(part && remainingOf(part)).toEqual(['b']);
});

test('the newest set is that of the division that ran last, in order', () => {
  const older = partRecord({ records: [recorded({ at: '2026-11-20T08:00:00.000Z' })], at: '2026-11-20T07:00:00.000Z' });
  const two = ['3/3', '1/3'].map((part) => partRecord({ part, files: ['a', 'b'], records: [first] }));
  expect(newestSet([older, ...two]).map(({ part }) => part)).toEqual(['1/3', '3/3']);
  expect(newestSet([])).toEqual([]);
});

test('only files with a failed or skipped test run again, until all tests pass', () => {
  const failed = recorded({ file: 'b', failures: [{ test: 'waits', error: 'timed out' }] });
  expect(failedOf(partRecord({ records: [first, failed] }))).toEqual(['b']);
  expect(failedOf(partRecord({ records: [first, failed, second] }))).toEqual([]);
  const skipped = recorded({ file: 'b', skips: [{ test: 'waits', reason: 'java is missing' }] });
  expect(failedOf(partRecord({ records: [first, skipped] }))).toEqual(['b']);
});

test('the page has the commit of each part, totals, each failure, and the number of files without a record', () => {
  const failed = recorded({
    file: 'b',
    commit: 'fedcba9876 with uncommitted changes',
    seconds: 90,
    failures: [{ test: 'a broker | that dies', error: 'Test timed out in 300000ms.' }],
  });
  const failedOnce = recorded({ file: 'a', commit: 'aaaaaaaaaa', failures: [{ test: 'waits', error: 'no broker' }] });
  const parts = [
    partRecord({ part: '1/3', files: ['a'], records: [failedOnce, first] }),
    partRecord({ part: '2/3', files: ['b', 'd'], records: [failed] }),
  ];
  const page = renderReliability(parts, ['a', 'b', 'test/unit/c.ts', 'test/unit/d.ts', 'test/e2e/e.ts']);
  expect(page).toContain('Recorded so far: 2 of 5 test files, in 2 of 3 parts.');
  expect(page).toContain(
    '| 1/3 | 2026-11-22 07:59 UTC | aaaaaaaaaa, 0123456789 | linux x64, 2 cores | 1 | 1 | 0 | 1 | 0 | 0 |',
  );
  expect(page).toContain(
    '| 2/3 | 2026-11-22 07:59 UTC | fedcba9876 with uncommitted changes | linux x64, 2 cores | 2 | 1 |',
  );
  expect(page).toContain('| all |  |  |  |  | 2 | 2 | 2 | 1 | 0 |');
  expect(page).toContain('| b | `a broker \\| that dies` |');
  expect(page).toContain('- test/unit: 2\n- test/e2e: 1\n');
  expect(page).toContain('passed when run again, with the number of tests: a (1).\n');
  expect(page).not.toContain('no broker');
});
