import { expect, test } from 'vitest';
import { lastDayOf, makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { CapacityReport, StoredCapacityReport } from '../../../../../core/documents/capacity-report.ts';
import { inputs, plans } from '../../../../support/capacity-report-inputs.ts';

const report = makeReport(inputs);

test('it is what its schema says', () => {
  expect(CapacityReport.parse(report)).toEqual(report);
});

test('every domain has a verdict, the worst first', () => {
  expect(report.verdicts.map(({ domain, decision, reasons }) => [domain, decision, reasons[0]?.code])).toEqual([
    ['finance', 'no-go', 'not-measured'],
    ['video', 'no-go', 'refused-by-plan'],
    ['orders', 'conditions', 'plan-closes-gap'],
  ]);
});

test('a forecast says what the peak is, and in its absence the plan', () => {
  const peakOf = (domain: string) => report.verdicts.find((verdict) => verdict.domain === domain)?.peakTps;
  expect(peakOf('orders')).toEqual({ low: 36_000, mid: 42_000, high: 50_000 });
  expect(peakOf('finance')).toEqual(plans.clusters[1]?.promise.peakTps);
  expect(peakOf('video')).toBeUndefined();
});

test('the peak of a domain that shares a cluster is its own', () => {
  const [orders, finance] = plans.clusters;
  if (orders === undefined || finance === undefined) throw new Error('no clusters');
  const shared = { ...orders, domains: [...orders.domains, ...finance.domains] };
  const made = makeReport({
    ...inputs,
    forecasts: [],
    plan: { plans: { ...plans, clusters: [shared] }, source: report.sources[0]! },
  });
  expect(made.verdicts.find(({ domain }) => domain === 'finance')?.peakTps).toEqual(finance.domains[0]?.peakTps);
});

test('brokers are counted as they are and as they are planned', () => {
  expect(report.verdicts.find(({ domain }) => domain === 'orders')).toMatchObject({
    brokersNow: 3,
    brokersNeeded: 6,
    owners: ['orders-team'],
  });
});

test('what changed since the last report is reported, and what only scattered is not', () => {
  const [analysed] = inputs.analyses;
  if (analysed === undefined) throw new Error('no analysis');
  const { safeMaxTps } = analysed.analysis;
  if (safeMaxTps.kind !== 'predicted') throw new Error('not predicted');
  const again = (tps: number) =>
    makeReport({
      ...inputs,
      analyses: [{ ...analysed, analysis: { ...analysed.analysis, safeMaxTps: { ...safeMaxTps, tps } } }],
      previous: report,
    }).changes;
  expect(again(25_100)).toEqual([]);
  expect(again(60_000)).toEqual([{ domain: 'orders', what: 'safe-max', before: 25_000, now: 60_000 }]);
  const { plan: _, ...unplanned } = inputs;
  expect(makeReport({ ...unplanned, previous: report }).changes).toContainEqual({
    domain: 'orders',
    what: 'decision',
    before: 'conditions',
    now: 'no-go',
  });
  expect(report.changes).toBeUndefined();
});

test('settings the evidence held for then and not now are changes; what was not measured before has none', () => {
  const measured = (fingerprint: Record<string, string>) =>
    makeReport({
      ...inputs,
      analyses: inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, fingerprint } })),
    });
  const [before, now] = [measured({ heap: '8g', gc: 'G1' }), { heap: '16g', gc: 'G1', version: '5.3.3' }];
  const analyses = inputs.analyses.map((each) => ({ ...each, analysis: { ...each.analysis, fingerprint: now } }));
  expect(makeReport({ ...inputs, analyses, previous: before }).changes).toEqual([
    { domain: 'orders', what: 'setting', setting: 'heap', before: '8g', now: '16g' },
    { domain: 'orders', what: 'setting', setting: 'version', now: '5.3.3' },
  ]);
  expect(makeReport({ ...inputs, analyses, previous: makeReport(inputs) }).changes).toEqual([]);
});

test('a report of schema version 1 is still read; its GO has no reason that holds today', () => {
  const { verdicts, ...rest } = report;
  const first = {
    ...rest,
    schemaVersion: 1,
    verdicts: verdicts.map((verdict, index) => {
      const { reasons: _, conditions: _1, survives: _2, proof: _3, ...kept } = verdict;
      return {
        ...kept,
        ...(index === 0 ? { decision: 'go', reason: 'safe-above-peak' } : { reason: 'safe-below-peak' }),
      };
    }),
  };
  const read = StoredCapacityReport.parse(first);
  expect(read.schemaVersion).toBe(2);
  expect(read.verdicts.map(({ reasons }) => reasons)).toEqual([
    [],
    ...verdicts.slice(1).map(() => [{ code: 'safe-below-peak' }]),
  ]);
  expect(makeReport({ ...inputs, previous: read }).changes).toContainEqual({
    domain: 'finance',
    what: 'decision',
    before: 'go',
    now: 'no-go',
  });
  expect(() => StoredCapacityReport.parse({ ...first, schemaVersion: 3 })).toThrow(/schemaVersion/);
});

test('evidence that is too old before the day of the report would pass moves that day', () => {
  const ends = Date.parse('2026-10-01T03:00:00Z');
  const day = new Date(ends + 90 * 86_400_000).toISOString().slice(0, 10);
  expect(lastDayOf({ ...inputs, lifetimeSeconds: 90 * 86_400 }, '2027-01-08')).toBe(day);
  expect(lastDayOf({ analyses: [], lifetimeSeconds: 90 * 86_400 }, '2027-01-08')).toBe('2027-01-08');
});
