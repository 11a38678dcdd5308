import { expect, test } from 'vitest';
import type { FiredAlert } from '../../../../analyzer/review/promotion-metrics.ts';
import { Grade } from '../../../../core/documents/history-entry.ts';
import { promotionGrades, type DrivenCluster } from '../../../../service/grading/promotion-grades.ts';
import { happened, ordersLoad } from '../../../support/promotion-happened.ts';

const { report, promotion } = happened;
const alert = (over: Partial<FiredAlert>): FiredAlert => ({
  name: 'KafkaBrokerMissing',
  severity: 'critical',
  scope: 'broker',
  cluster: 'orders',
  from: '2026-11-11T00:10:00Z',
  to: '2026-11-11T00:50:00Z',
  ...over,
});
/** Safe maximum 25,000 to 27,000, predicted peak 42,000 (36,000 to 50,000); actual peak 40,000 for one hour. */
const driven = (over: Partial<DrivenCluster> = {}) =>
  promotionGrades(
    { entry: 7, report, promotion },
    { cluster: 'orders', domains: ['orders'], isOfOne: true, readings: ordersLoad, fired: [], ...over },
  );
const at = (tps: number) => ordersLoad.map(({ timeMs }) => ({ timeMs, value: tps }));

test('forecast and safe maximum of a report are each compared with the actual load of the promotion', () => {
  const grades = driven({ fired: [alert({}), alert({ name: 'ClusterOverSafeMax', scope: 'capacity' })] });
  expect(grades).toMatchObject([
    {
      cluster: 'orders',
      domain: 'orders',
      why: 'promotion Double 11 2026: its peak',
      grade: { of: 7, what: 'forecast', event: 'promotion', predicted: { value: 42_000, low: 36_000 }, held: true },
    },
    {
      why: 'promotion Double 11 2026: wrong: KafkaBrokerMissing; 1 times above the safe maximum, 1 of them paged',
      grade: { what: 'safe-max', predicted: { low: 25_000, high: 27_000 }, actual: 40_000, held: true },
    },
  ]);
  expect(grades[0]?.grade.bias).toBeCloseTo(40 / 42 - 1, 9);
  for (const { grade } of grades) expect(Grade.parse(grade)).toEqual(grade);
});

test('the safe maximum is too high if alerts fired below it and too low if none fired above it', () => {
  const safeMax = (over: Partial<DrivenCluster>) => driven(over).find(({ grade }) => grade.what === 'safe-max')?.grade;
  expect(safeMax({ readings: at(18_000), fired: [alert({})] })).toMatchObject({ actual: 18_000, held: false });
  expect(safeMax({ readings: at(29_000) })).toMatchObject({ actual: 29_000, held: false });
  expect(safeMax({ readings: at(26_000) })).toMatchObject({ actual: 26_000, held: true });
});

test('a safe maximum that the load did not come near is not graded', () => {
  expect(driven({ readings: at(10_000) }).map(({ grade }) => grade.what)).toEqual(['forecast']);
});

test('a warning alert and a host alert do not count as trouble for users', () => {
  const fired = [alert({ severity: 'warning' }), alert({ name: 'HostDown', scope: 'host' })];
  expect(driven({ readings: at(10_000), fired }).map(({ grade }) => grade.what)).toEqual(['forecast']);
});

test('the load of a shared cluster is not added up for each of its domains', () => {
  const verdicts = report.verdicts.map((verdict) => {
    const { domain, peakTps } = verdict;
    return domain === 'orders' && peakTps ? { ...verdict, shared: { with: ['finance'], peakTps } } : verdict;
  });
  const grades = promotionGrades(
    { entry: 7, report: { ...report, verdicts }, promotion },
    { cluster: 'orders', domains: ['orders', 'finance'], isOfOne: false, readings: at(26_000), fired: [] },
  );
  expect(grades.map(({ grade }) => [grade.what, grade.actual, grade.held])).toEqual([['safe-max', 26_000, true]]);
});

test('a cluster with several domains grades no forecast of one domain, and its safe maximum once', () => {
  const domains = ['orders', 'finance'];
  expect(driven({ domains, isOfOne: false }).map(({ domain, grade }) => [domain, grade.what])).toEqual([
    ['orders', 'safe-max'],
  ]);
});
