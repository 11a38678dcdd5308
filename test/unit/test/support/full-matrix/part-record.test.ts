import { expect, test } from 'vitest';
import { newestWholeSet, parsePartRecord, remainingOf } from '../../../../support/full-matrix/part-record.ts';
import { renderReliability } from '../../../../support/full-matrix/page.ts';
import { partRecord, recorded } from '../../../../support/full-matrix/recorded.ts';

const [first, second] = [recorded({ file: 'a' }), recorded({ file: 'b' })];

test('a record that a crash cut off is dropped, and its file runs again', () => {
  const { records: _, ...begun } = partRecord({ files: ['a', 'b'] });
  const text = [begun, first, second]
    .map((line) => JSON.stringify(line))
    .join('\n')
    .slice(0, -9);
  const part = parsePartRecord(text);
  expect(part?.records).toEqual([first]);
  expect(part && remainingOf(part)).toEqual(['b']);
});

test('the newest set is the one that is whole, and ended last', () => {
  const older = partRecord({ records: [recorded({ at: '2026-11-20T08:00:00.000Z' })], at: '2026-11-20T07:00:00.000Z' });
  const half = partRecord({ part: '1/3', records: [first] });
  const two = ['2/2', '1/2'].map((part) => partRecord({ part, records: [first] }));
  expect(newestWholeSet([half])).toBeUndefined();
  expect(newestWholeSet([older, half])).toEqual([older]);
  expect(newestWholeSet([older, ...two, half])?.map(({ part }) => part)).toEqual(['1/2', '2/2']);
  expect(newestWholeSet([older, partRecord({ part: '1/2', files: ['a', 'b'], records: [first] })])).toEqual([older]);
});

test('the page names the commit of each part, the totals, each failure, and files that no part has', () => {
  const failed = recorded({
    file: 'b',
    commit: 'fedcba9876 with uncommitted changes',
    seconds: 90,
    failures: [{ test: 'a broker | that dies', error: 'Test timed out in 300000ms.' }],
  });
  const parts = [partRecord({ part: '1/2', records: [first] }), partRecord({ part: '2/2', records: [failed] })];
  const page = renderReliability(parts, ['a', 'b', 'c']);
  expect(page).toContain('| 1/2 | 2026-11-22 07:59 UTC | 0123456789 | linux x64, 2 cores | 1 | 0 | 1 | 0 | 0 |');
  expect(page).toContain('| 2/2 | 2026-11-22 07:59 UTC | fedcba9876 with uncommitted changes | ');
  expect(page).toContain('| all |  |  |  | 2 | 2 | 2 | 1 | 0 |');
  expect(page).toContain('| b | `a broker \\| that dies` | `Test timed out in 300000ms.` |');
  expect(page).toContain('Not in these parts, because they are newer:\n\n- c\n');
});
