import { expect, test } from 'vitest';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { CapacityReport } from '../../../../../core/documents/capacity-report.ts';
import { plans } from '../../../../support/capacity-report-inputs.ts';
import {
  measured,
  proven,
  recordedRun,
  soonConfirmed,
  threeBrokers,
  withoutBrokers,
} from '../../../../support/go-case.ts';
import { decisionOf, stateOf } from '../../../../support/go-decisions.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

/** The same load through one partition, with equal or lower capacity. */
const onOnePartition = (rates: readonly number[] = threeBrokers.rates, cards = threeBrokers.cards) =>
  recordedRun({ ...threeBrokers, cards, rates, rows: [{ leader: '1', replicas: ['1', '2', '3'], partitions: 1 }] });
const single = measured(onOnePartition());
const slow = measured(onOnePartition([300, 350, 400, 450, 500]), soonConfirmed, 'one partition');

test('global order needs a test with one partition at the peak of the domain', () => {
  expect(single.analysis.fingerprint).toMatchObject({ 'topic.partitions': '1' });
  const stateWith = (...tests: (typeof proven)[]) =>
    stateOf({ measured: [proven], ordered: { peakTps: 1000, tests } }, 'order');
  expect(stateWith(proven)).toBe('unknown');
  expect(stateWith(proven, slow)).toBe('unknown');
  expect(stateWith(proven, single)).toBe('holds');
  expect(stateOf({}, 'order')).toBeUndefined();
});

test('production proves global order if the domain is alone on its cluster, but not on a shared cluster', () => {
  const run = { ...proven.analysis.run, origin: 'production' as const };
  const ordered = { peakTps: 1000, tests: [{ ...proven, analysis: { ...proven.analysis, run } }] };
  const neighbors = [{ domain: 'pay', measured: [proven], messageBytes: 1000 }];
  expect(stateOf({ ordered }, 'order')).toBe('holds');
  expect(stateOf({ ordered, neighbors }, 'order')).toBe('unknown');
});

test('a redline test proves the rate of all leaders, not that of one partition', () => {
  const redline = {
    broker: '1',
    clusterTps: 3000,
    ledTps: { '1': 1000, '2': 1000, '3': 1000 },
    stepShare: 0.05,
    holdSeconds: 600,
    maxMoves: 100,
  };
  const run = plainRun({ idleBytes: 0, rates: [1000, 2000, 4000, 6000, 7000, 8000] });
  const document = { ...run.document, workload: {}, redline };
  const ofBroker = measured(
    { ...run, document },
    { ...soonConfirmed, confirmationSeconds: { value: 10, source: 'test' } },
  );
  expect(ofBroker.analysis.redline?.heldClusterTps).toBeGreaterThan(20_000);
  const ordered = { peakTps: 1000, tests: [ofBroker] };
  expect(stateOf({ measured: [ofBroker], ordered, confirmationSeconds: 10 }, 'order')).toBe('unknown');
});

test('a test with messages on several partitions does not prove the N-1 rate of a globally ordered domain', () => {
  const assumed = measured(recordedRun({ ...threeBrokers, isRecorded: false }));
  const without = (run = recordedRun()) =>
    ['1', '2', '3'].map((id) => measured(withoutBrokers(run, [id]), soonConfirmed, `without ${id}`));
  const ordered = { peakTps: 1000, tests: [single] };
  expect(stateOf({ measured: [assumed, ...without()], ordered }, 'after-loss')).toBe('unknown');
  expect(stateOf({ measured: [assumed, ...without(onOnePartition())], ordered }, 'after-loss')).toBe('holds');
});

test('a test with several partitions refutes the N-1 rate of a globally ordered domain if it is below the peak', () => {
  const spread = recordedRun({ ...threeBrokers, groups: 4, rates: [300, 400, 500, 600, 700] });
  const low = ['1', '2', '3'].map((id) => measured(withoutBrokers(spread, [id]), soonConfirmed, `without ${id}`));
  const ordered = { peakTps: 1000, tests: [single] };
  const afterLoss = decisionOf({ measured: [single, ...low], ordered });
  expect(afterLoss.decision).toBe('no-go');
  expect(afterLoss.conditions.find(({ condition }) => condition === 'after-loss')).toMatchObject({
    state: 'fails',
    basis: 'measured',
  });
});

test('for several lost brokers, a test with one partition takes precedence over one with several, unless that was lower', () => {
  const ordered = { peakTps: 1000, tests: [single] };
  const without = (lost: string[], run = recordedRun()) =>
    measured(withoutBrokers(run, lost), soonConfirmed, `without ${lost.join(', ')}`);
  const stateWith = (...tests: (typeof proven)[]) =>
    stateOf({ measured: [single, ...tests], ordered, lostBrokers: 2 }, 'after-loss');
  const one = without(['1', '2'], onOnePartition());
  expect(stateWith(without(['2', '3']))).toBe('unknown');
  expect(stateWith(one, without(['2', '3']))).toBe('holds');
  expect(stateWith(one, without(['2', '3'], recordedRun({ ...threeBrokers, groups: 4, rates: [300, 500, 700] })))).toBe(
    'unknown',
  );
});

test('on a shared cluster, the limit of one partition is not the limit of the cluster', () => {
  const [cluster, other] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || other === undefined || own === undefined) throw new Error('no clusters');
  const [orders, pay] = [
    { ...own, order: 'global' as const },
    { ...own, name: 'pay' },
  ].map((each) => ({
    ...each,
    consumerGroups: 1,
    loss: 'may-lose' as const,
  }));
  if (orders === undefined || pay === undefined) throw new Error('no domains');
  const clusters = [{ ...cluster, broker: 'kafka' as const, domains: [orders, pay] }];
  const plan = {
    plans: { ...plans, clusters, refused: [] },
    source: { ...goInputs({ a: { tps: 1 } }).analyses[0]!.source },
  };
  const given = goInputs({ orders: { tps: 400 }, pay: { tps: 500 } });
  const [ofOrders] = given.analyses;
  if (ofOrders === undefined) throw new Error('no analysis');
  const made = (...tests: (typeof proven)[]) => madeOf(given.analyses, ...tests);
  const madeOf = (measuredBefore: typeof given.analyses, ...tests: (typeof proven)[]) => {
    const analyses = tests.map(({ analysis, source }) => ({
      ...ofOrders,
      analysis,
      source: { ...ofOrders.source, id: source },
    }));
    const { verdicts } = CapacityReport.parse(
      makeReport({ ...given, analyses: [...measuredBefore, ...analyses], plan }),
    );
    return Object.fromEntries(verdicts.map(({ domain, reasons }) => [domain, reasons.map(({ code }) => code)]));
  };
  expect(made()).toEqual({ orders: ['order-not-proven'], pay: ['proven'] });
  // One partition saturates at 500 msg/s; the cluster was tested earlier with 1,400.
  expect(made(slow)).toEqual({ orders: ['proven'], pay: ['proven'] });
  const slowWithout = ['1', '2', '3'].map((id) =>
    measured(withoutBrokers(onOnePartition([300, 350, 400, 450, 500]), [id]), soonConfirmed, `slow without ${id}`),
  );
  expect(made(slow, ...slowWithout)).toEqual({ orders: ['proven'], pay: ['proven'] });
  // One partition fills only the disks of its replicas, and one consumer reads it.
  const ofPartition = { resource: 'disk-space', node: '1' } as const;
  const filling = { tps: 1, retentionSeconds: 86_400, limitedBy: ofPartition };
  const lagging = {
    kind: 'measured' as const,
    group: 'shop',
    tps: 520,
    interval: { low: 520, confidence: 0.95 },
    episodes: 3,
  };
  const narrowEnd = { ...slow.analysis, retention: filling, consumerGroups: [lagging] };
  expect(made({ ...slow, analysis: narrowEnd })).toEqual({ orders: ['proven'], pay: ['proven'] });
  // A rate sustained by one partition was sustained by the cluster, even if the domain has no other test.
  const ofPay = given.analyses.filter(({ domain }) => domain === 'pay');
  const without = (id: string) => measured(withoutBrokers(onOnePartition(), [id]), soonConfirmed, `without ${id}`);
  expect(madeOf(ofPay, single).orders).toEqual(['proven']);
  // After the loss one partition has less capacity than the peak, but the cluster may have enough: a test proves it.
  const narrow = measured(onOnePartition(threeBrokers.rates, { '1': 6.25e6, '2': 2.5e6, '3': 2.5e6 }));
  // Its cards differ from those in the settings.
  expect(madeOf(ofPay, narrow).orders).toEqual(['after-loss-unknown', 'drifted']);
  expect(madeOf(ofPay, narrow, ...['1', '2', '3'].map(without)).orders).toEqual(['catch-up-unknown', 'drifted']);
  expect(madeOf(ofPay, slow, without('1')).orders).not.toContain('not-measured');
});
