import { expect, test } from 'vitest';
import { clusterIdKey } from '../../../../../analyzer/evidence/fingerprint.ts';
import { lastDayOf, makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import type { ReportInputs } from '../../../../../analyzer/review/capacity-report/report-inputs.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { CapacityReport, StoredCapacityReport } from '../../../../../core/documents/capacity-report.ts';
import type { ClusterPlan } from '../../../../../core/documents/cluster-plan.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { inputs, plans } from '../../../../support/capacity-report-inputs.ts';
import { measured as measuredRun, proven } from '../../../../support/go-case.ts';
import { earlier, elsewhere, lower, lowerRun, startedAt } from '../../../../support/go-decisions.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { about, refusedDomains } from '../../../../support/sized.ts';

const report = makeReport(inputs);

test('a report matches its schema', () => {
  expect(CapacityReport.parse(report)).toEqual(report);
});

test('every domain has a verdict, the worst first', () => {
  expect(report.verdicts.map(({ domain, decision, reasons }) => [domain, decision, reasons[0]?.code])).toEqual([
    ['finance', 'no-go', 'not-measured'],
    ['video', 'no-go', 'refused-by-plan'],
    ['orders', 'conditions', 'plan-closes-gap'],
  ]);
});

test('a domain that only has a forecast has a verdict', () => {
  const { analyses, ...rest } = goInputs({ orders: { tps: 450 }, pay: { tps: 450 } });
  const made = makeReport({ ...rest, analyses: analyses.filter(({ domain }) => domain === 'orders') });
  expect(decisionsOf(made)).toMatchObject({ pay: 'no-go' });
});

test('the peak comes from the forecast, or from the plan without a forecast', () => {
  const peakOf = (domain: string) => report.verdicts.find((verdict) => verdict.domain === domain)?.peakTps;
  expect(peakOf('orders')).toEqual({ low: 36_000, mid: 42_000, high: 50_000 });
  expect(peakOf('finance')).toEqual(plans.clusters[1]?.promise.peakTps);
  expect(peakOf('video')).toBeUndefined();
});

test('a domain on a shared cluster has the peak of the domain, not of the cluster', () => {
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

const decisionsOf = (made: CapacityReport) =>
  Object.fromEntries(made.verdicts.map(({ domain, decision }) => [domain, decision]));

test('a plan without a measurement or a possible setup leaves the decision to the current cluster', () => {
  const verdictOf = (tps: number, refused: ReturnType<typeof refusedDomains> = []) =>
    makeReport({
      ...goInputs({ orders: { tps } }),
      plan: { plans: { ...plans, clusters: [], refused }, source: report.sources[0]! },
    }).verdicts[0];
  const alone = verdictOf(3000);
  const unmeasured = refusedDomains({ placement: { brokers: ['kafka'] } }, { measurements: [] });
  for (const [refused, gap] of [
    [unmeasured, { code: 'plan-not-measured', subjects: ['kafka kraft'] }],
    [refusedDomains({ placement: { modes: ['dledger'], replicas: 2 } }), { code: 'plan-without-build' }],
  ] as const) {
    expect(verdictOf(900, refused)).toMatchObject({ decision: 'go', reasons: [{ code: 'proven' }] });
    const short = verdictOf(3000, refused);
    expect([short?.decision, short?.conditions]).toEqual(['no-go', alone?.conditions]);
    expect(short?.reasons).toEqual(expect.arrayContaining([...(alone?.reasons ?? []), gap]));
  }
  const huge = { placement: { clusters: { least: 1, most: 1 } }, demand: { peakTps: about(20_000_000) } };
  expect(verdictOf(900, refusedDomains(huge))?.reasons).toEqual([{ code: 'refused-by-plan' }]);
});

test('domains on one cluster need the sum of their peaks, even if each alone would fit', () => {
  expect(decisionsOf(makeReport(goInputs({ orders: { tps: 900 } })))).toEqual({ orders: 'go' });
  expect(decisionsOf(makeReport(goInputs({ orders: { tps: 450 }, pay: { tps: 450 } })))).toEqual({
    orders: 'go',
    pay: 'go',
  });
  const together = makeReport(goInputs({ orders: { tps: 900 }, pay: { tps: 900 } }));
  expect(decisionsOf(together)).toEqual({ orders: 'no-go', pay: 'no-go' });
  const orders = together.verdicts.find(({ domain }) => domain === 'orders');
  expect(orders?.peakTps?.high).toBe(900);
  expect(orders?.shared).toEqual({ with: ['pay'], peakTps: { low: 1440, mid: 1620, high: 1800 } });
  for (const language of ['en', 'zh'] as const) {
    expect(renderMarkdown(writeReport(together, language))).toMatch(/\| orders \| [^|]*pay[^|]*1,620/);
  }
});

test('on a shared cluster, a newer verdict contradicts the rates of other domains, and proves none for them', () => {
  const together = (orders: Analysis, pay: Analysis) =>
    makeReport(goInputs({ orders: { tps: 450, analysis: orders }, pay: { tps: 450, analysis: pay } }));
  const codesOf = (made: CapacityReport) =>
    made.verdicts.find(({ domain }) => domain === 'orders')?.reasons.map(({ code }) => code);
  expect(decisionsOf(makeReport(goInputs({ orders: { tps: 900, analysis: earlier.analysis } })))).toEqual({
    orders: 'go',
  });
  const contradicted = together(earlier.analysis, lower.analysis);
  expect(decisionsOf(contradicted)).toEqual({ orders: 'no-go', pay: 'no-go' });
  expect(codesOf(contradicted)).toEqual(expect.arrayContaining(['safe-below-peak', 'proof-superseded']));
  const old = measuredRun(startedAt(lowerRun, '2025-11-01T00:00:00.000Z'));
  const unproven = together(old.analysis, proven.analysis);
  expect(decisionsOf(unproven)).toEqual({ orders: 'no-go', pay: 'go' });
  expect(codesOf(unproven)).toContain('safe-below-peak');
});

test('domains on one cluster need tests with the largest message size of all of them', () => {
  const sized = (messageBytes: Readonly<Record<string, number>>) => {
    const made = makeReport({ ...goInputs({ orders: { tps: 450 }, pay: { tps: 450 } }), messageBytes });
    return made.verdicts.find(({ domain }) => domain === 'orders');
  };
  expect(sized({ orders: 100, pay: 1000 })?.decision).toBe('go');
  const small = sized({ orders: 100, pay: 2048 });
  expect(small?.reasons).toMatchObject([{ code: 'messages-too-small', testedBytes: 1000, neededBytes: 2048 }]);
  expect(small?.messageBytes).toBe(100);
  const unsized = sized({ orders: 100 });
  expect(unsized?.reasons).toEqual([{ code: 'message-size-unknown' }]);
  expect(unsized?.conditions).toContainEqual({ condition: 'message-size', state: 'unknown', subject: 'pay' });
});

test('clusters are the same if their brokers report the same id, whatever their names', () => {
  const withId = (cluster: string, id: string): Analysis => ({
    ...proven.analysis,
    run: { ...proven.analysis.run, cluster },
    fingerprint: { ...proven.analysis.fingerprint, [clusterIdKey]: id },
  });
  const sharedWith = (pay: Analysis) =>
    makeReport(
      goInputs({
        orders: { tps: 900, analysis: withId('lab', 'MkU3OEVBNTcwNTJENDM2Qg') },
        pay: { tps: 900, analysis: pay },
      }),
    ).verdicts.find(({ domain }) => domain === 'orders')?.shared?.with;
  expect(sharedWith(withId('payments', 'MkU3OEVBNTcwNTJENDM2Qg'))).toEqual(['pay']);
  expect(sharedWith(withId('lab', 'a-4T3xBNTcwNTJENDM2Qgw'))).toBeUndefined();
  expect(sharedWith(elsewhere.analysis)).toBeUndefined();
});

test('the cluster id of production evidence comes from its settings', () => {
  const id = { [clusterIdKey]: 'MkU3OEVBNTcwNTJENDM2Qg' };
  const { run, fingerprint, ...rest } = proven.analysis;
  const inputs = goInputs({
    orders: { tps: 900, analysis: { ...rest, run, fingerprint: { ...fingerprint, ...id } } },
    pay: { tps: 900, analysis: { ...rest, run: { ...run, origin: 'production', cluster: 'payments' } } },
  });
  const sharedBy = (domain: string, ...ids: (typeof id)[]) => {
    const settings = [id, ...ids].map((fingerprint) => ({
      domain,
      known: { cluster: 'payments', at: inputs.asOf, fingerprint, unread: [] },
      source: report.sources[0]!,
    }));
    return makeReport({ ...inputs, settings }).verdicts.find((each) => each.domain === 'orders')?.shared?.with;
  };
  expect([sharedBy('pay'), sharedBy('orders')]).toEqual([['pay'], undefined]);
  // With settings of two clusters, the measured one is unknown.
  expect(sharedBy('pay', { [clusterIdKey]: 'a-4T3xBNTcwNTJENDM2Qgw' })).toBeUndefined();
});

test('an unknown peak of another domain on the cluster leaves the needed rate unknown', () => {
  const { forecasts, ...rest } = goInputs({ orders: { tps: 500 }, pay: { tps: 100 } });
  const made = makeReport({ ...rest, forecasts: forecasts.filter(({ domain }) => domain === 'orders') });
  expect(made.verdicts.map(({ domain, reasons }) => [domain, reasons])).toEqual([
    ['orders', [{ code: 'peak-unknown', subjects: ['pay'] }]],
    ['pay', [{ code: 'peak-unknown' }]],
  ]);
});

test('domains that the plan places on one cluster share it even if one of them was not measured', () => {
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || own === undefined) throw new Error('no cluster');
  const shared = { ...cluster, domains: [own, { ...own, name: 'pay' }] };
  const plan = { plans: { ...plans, clusters: [shared], refused: [] }, source: report.sources[0]! };
  const { forecasts, ...rest } = goInputs({ orders: { tps: 700 }, pay: { tps: 800 } });
  const onlyOrders = { ...rest, plan, analyses: rest.analyses.filter(({ domain }) => domain === 'orders') };
  const verdictOf = (made: CapacityReport) => made.verdicts.find(({ domain }) => domain === 'orders');
  const both = verdictOf(makeReport({ ...onlyOrders, forecasts }));
  expect(both).toMatchObject({ shared: { with: ['pay'], peakTps: { high: 1500 } } });
  expect(both?.decision).not.toBe('go');
  const apart = { ...plans.clusters[1]!, domains: [{ ...own, name: 'pay' }] };
  const separate = { ...plan, plans: { ...plan.plans, clusters: [{ ...cluster, domains: [own] }, apart] } };
  expect(verdictOf(makeReport({ ...onlyOrders, plan: separate, forecasts }))?.shared).toBeUndefined();
});

test('a domain that the config places on the cluster counts once, even if the report omits it', () => {
  const configured = [
    { domain: 'shop', clusters: ['lab', 'lab'] },
    { domain: 'pay', clusters: ['lab', 'lab'] },
    { domain: 'logs', clusters: ['logs', 'logs'] },
    // Another cluster with this name in its source.
    { domain: 'refunds', clusters: ['trade', 'lab'] },
  ];
  const shopOf = (given: ReportInputs) => {
    const made = makeReport({ ...given, configured });
    return made.verdicts.find(({ domain }) => domain === 'shop');
  };
  const left = shopOf(goInputs({ shop: { tps: 450 } }));
  expect(left).toMatchObject({ decision: 'no-go', reasons: [{ code: 'peak-unknown', subjects: ['pay'] }] });
  const both = goInputs({ shop: { tps: 450 }, pay: { tps: 450 } });
  const analyses = both.analyses.filter(({ domain }) => domain === 'shop');
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || own === undefined) throw new Error('no cluster');
  const clusters = [{ ...cluster, domains: [{ ...own, name: 'pay', consumerGroups: 1 }] }];
  const plan = { plans: { ...plans, clusters, refused: [] }, source: report.sources[0]! };
  // Tested on another cluster, such as a lab.
  const inLab = { ...proven.analysis, run: { ...proven.analysis.run, cluster: 'stage' } };
  const testedElsewhere = goInputs({ shop: { tps: 450 }, pay: { tps: 450, analysis: inLab } });
  for (const given of [both, { ...both, analyses }, { ...both, analyses, plan }, testedElsewhere]) {
    expect(shopOf(given)).toMatchObject({ decision: 'go', shared: { with: ['pay'], peakTps: { high: 900 } } });
  }
});

test('the verdict and forecast of a domain that is not in the config count for its whole cluster', () => {
  const configured = ['shop', 'pay'].map((domain) => ({ domain, clusters: ['lab', 'lab'] }));
  const made = makeReport({ ...goInputs({ orders: { tps: 900 } }), configured });
  expect(made.verdicts).toMatchObject([{ domain: 'orders', decision: 'go', reasons: [{ code: 'proven' }] }]);
});

test('a plan for a smaller peak closes no gap, neither of the domain nor of others on its clusters', () => {
  const expecting = (high: number) => ({
    ...inputs,
    forecasts: inputs.forecasts.map((each) => ({
      ...each,
      forecast: { ...each.forecast, peak: { ...each.forecast.peak, high } },
    })),
  });
  const verdictOf = (given: ReportInputs, name = 'orders') =>
    makeReport(given).verdicts.find(({ domain }) => domain === name);
  // Planned for 28,000 to 56,000; the bounds come from simulations and are not exact.
  const enough = verdictOf(expecting(57_000));
  expect([enough?.decision, enough?.probabilityEnough]).toEqual(['conditions', 0.98]);
  const more = verdictOf(expecting(70_000));
  expect(more).not.toHaveProperty('probabilityEnough');
  expect(more?.decision).toBe('no-go');
  expect(more?.reasons.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['safe-below-peak', 'after-loss-below-peak', 'plan-not-sure']),
  );
  const [own, other] = plans.clusters;
  if (own === undefined || other === undefined) throw new Error('no clusters');
  const clusters = [{ ...own, domains: [...own.domains, ...other.domains] }];
  const plan = { plans: { ...plans, clusters }, source: report.sources[0]! };
  expect(verdictOf({ ...expecting(50_000), plan }, 'finance')?.probabilityEnough).toBe(0.98);
  expect(verdictOf({ ...expecting(70_000), plan }, 'finance')).not.toHaveProperty('probabilityEnough');
});

test('a plan for a smaller loss or for smaller messages closes no gap', () => {
  const ordersOf = (given: ReportInputs) => {
    const verdict = makeReport(given).verdicts.find(({ domain }) => domain === 'orders');
    return [verdict?.decision, verdict?.reasons.some(({ code }) => code === 'plan-not-sure')];
  };
  expect(ordersOf(inputs)).toEqual(['conditions', false]);
  const zone = { ...inputs, survives: { orders: 'zone' as const } };
  expect(ordersOf(zone)).toEqual(['no-go', true]);
  const losses = [{ kind: 'group-lost' as const }, { kind: 'zone-lost' as const }];
  const clusters = plans.clusters.map((each) => ({ ...each, promise: { ...each.promise, losses } }));
  const plan = { plans: { ...plans, clusters }, source: report.sources[0]! };
  expect(ordersOf({ ...zone, plan })).toEqual(['conditions', false]);
  // Planned with 500 bytes.
  expect(ordersOf({ ...inputs, messageBytes: { orders: 520 } })).toEqual(['conditions', false]);
  const larger = { ...inputs, messageBytes: { orders: 4096 } };
  expect(ordersOf(larger)).toEqual(['no-go', true]);
  const [orders, finance] = plans.clusters as [ClusterPlan, ClusterPlan];
  const shared = { ...orders, domains: [...orders.domains, ...finance.domains] };
  const both = { plans: { ...plans, clusters: [shared] }, source: report.sources[0]! };
  expect(ordersOf({ ...inputs, plan: both })).toEqual(['conditions', false]);
  expect(ordersOf({ ...larger, plan: both })).toEqual(['no-go', true]);
});

test('N-1 rates come from recorded placements, and not from a cluster that has already lost brokers', () => {
  const [analysed] = inputs.analyses;
  const [loss] = analysed?.analysis.withoutOne ?? [];
  if (analysed === undefined || loss === undefined) throw new Error('no loss');
  const lossesOf = (change: Partial<Analysis>) =>
    makeReport({ ...inputs, analyses: [{ ...analysed, analysis: { ...analysed.analysis, ...change } }] }).evidence[0]
      ?.withoutOne;
  const assumed = { ...loss, id: 'broker-b:0', basis: { placement: 'assumed' as const, assumptions: [] } };
  expect(lossesOf({ withoutOne: [loss, assumed] })).toEqual([{ lost: 'broker', id: 'broker-a:0', tps: 12_000 }]);
  expect(lossesOf({ degraded: { lost: ['broker-c:0'], waitedSeconds: 3, copies: 2 } })).toEqual([]);
});

test('the report has the current and the planned number of brokers', () => {
  expect(report.verdicts.find(({ domain }) => domain === 'orders')).toMatchObject({
    brokersNow: 3,
    brokersNeeded: 6,
    owners: ['orders-team'],
  });
});

test('changes since the last report are reported, except for random variation', () => {
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

test('changed settings of the evidence are reported, unless there was no earlier measurement', () => {
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

test('a report of schema version 1 can be read, and its GO has no reasons', () => {
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

test('a report of an earlier version whose disk space was not checked is still read', () => {
  const first = makeReport(goInputs({ orders: { tps: 3000 } }));
  const conditions = [{ condition: 'disk-space', state: 'not-checked', missing: [{ what: 'retention' }] }];
  const stored = { ...first, verdicts: first.verdicts.map((verdict) => ({ ...verdict, conditions })) };
  expect(StoredCapacityReport.parse(stored)).toEqual(stored);
});

test('evidence that expires before the last day of the report makes that day earlier', () => {
  const ends = Date.parse('2026-10-01T03:00:00Z');
  const day = new Date(ends + 89 * 86_400_000).toISOString().slice(0, 10);
  expect(lastDayOf({ ...inputs, lifetimeSeconds: 90 * 86_400 }, '2027-01-08')).toBe(day);
  expect(lastDayOf({ analyses: [], lifetimeSeconds: 90 * 86_400 }, '2027-01-08')).toBe('2027-01-08');
});

test('evidence from the same files is not expired on the last day for signing, and is expired a day later', () => {
  const given = goInputs({ orders: { tps: 900 } });
  const codesOn = (asOf: string) =>
    makeReport({ ...given, asOf }).verdicts.flatMap(({ reasons }) => reasons.map(({ code }) => code));
  const lastDay = lastDayOf(given, '2027-01-08');
  const nextDay = new Date(Date.parse(lastDay) + 86_400_000).toISOString().slice(0, 10);
  expect(codesOn(lastDay)).not.toContain('evidence-expired');
  expect(codesOn(nextDay)).toContain('evidence-expired');
});
