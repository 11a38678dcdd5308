// Makes records of test files for the tests of the full matrix.

import type { PartRecord, RecordedFile } from './part-record.ts';

export const recorded = (change: Partial<RecordedFile> = {}): RecordedFile => ({
  file: 'test/unit/a.test.ts',
  project: 'unit',
  at: '2026-11-22T08:00:00.000Z',
  commit: '0123456789',
  seconds: 1,
  passed: 1,
  failures: [],
  skips: [],
  ...change,
});

export const partRecord = (change: Partial<PartRecord> = {}): PartRecord => ({
  part: '1/1',
  at: '2026-11-22T07:59:00.000Z',
  machine: 'linux x64, 2 cores',
  files: (change.records ?? []).map(({ file }) => file),
  records: [],
  ...change,
});
