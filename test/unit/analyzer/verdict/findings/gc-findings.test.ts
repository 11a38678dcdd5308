import { expect, test } from 'vitest';
import { gcFindings } from '../../../../../analyzer/verdict/findings/gc-findings.ts';
import type { JvmInterval } from '../../../../../analyzer/evidence/load-test-run.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const interval = (from: number, change: Partial<JvmInterval['rates']> = {}): JvmInterval => ({
  from,
  to: from + 1,
  rates: { youngCollections: 1, youngSeconds: 0.02, fullCollections: 0, fullSeconds: 0, ...change },
});
/** Since JDK 11 jstat counts concurrent cycles separately. */
const separated = { concurrentCollections: 0, concurrentSeconds: 0 };

const findingsOf = (...intervals: JvmInterval[]) =>
  gcFindings({ steps: plainRun().steps, jvms: new Map([['mq-1', intervals]]) });

const found = (...intervals: JvmInterval[]) =>
  findingsOf(...intervals).map(({ severity, code, evidence }) => [severity, code, evidence[0]?.value]);

test('a JVM with little garbage collection has the finding gc-calm', () => {
  expect(found(interval(12), interval(13))).toEqual([['info', 'gc-calm', expect.closeTo(0.02, 9)]]);
});

test('a JVM paused for more than 5% of the time is a warning', () => {
  expect(found(interval(12, { youngSeconds: 0.06 }))).toEqual([['warning', 'gc-busy', expect.closeTo(0.06, 9)]]);
});

test('a single full collection is a warning, however short', () => {
  expect(found(interval(12, { fullCollections: 1, fullSeconds: 0.001, ...separated }))).toEqual([
    ['warning', 'gc-busy', expect.closeTo(0.021, 9)],
  ]);
});

test('before JDK 11, CMS cycles do not count as full collections; only their duration counts', () => {
  const cycle = { fullCollections: 2, fullSeconds: 0.004 };
  const [calm] = findingsOf(interval(12, cycle), interval(13, separated));
  expect(calm).toMatchObject({ severity: 'info', code: 'gc-calm' });
  expect(calm?.message).toContain(
    '2 young, 2 full (before JDK 11 jstat counts each CMS cycle as two full collections)',
  );
  expect(found(interval(12, { ...cycle, fullSeconds: 0.06 }))).toEqual([
    ['warning', 'gc-busy', expect.closeTo(0.08, 9)],
  ]);
});

test('collections before or after the steps are ignored', () => {
  expect(found(interval(-5, { fullCollections: 3 }))).toEqual([]);
});
