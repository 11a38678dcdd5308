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
import { stateOf } from '../../../../support/go-decisions.ts';
import { goInputs } from '../../../../support/go-inputs.ts';

/** The same load through one partition, which carries as much or less. */
const onOnePartition = (rates: readonly number[] = threeBrokers.rates) =>
  recordedRun({ ...threeBrokers, rates, rows: [{ leader: '1', replicas: ['1', '2', '3'], partitions: 1 }] });
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

test('production of a domain alone on its cluster was ordered, and that of a shared cluster may not have been', () => {
  const run = { ...proven.analysis.run, origin: 'production' as const };
  const ordered = { peakTps: 1000, tests: [{ ...proven, analysis: { ...proven.analysis, run } }] };
  const neighbors = [{ domain: 'pay', measured: [proven], messageBytes: 1000 }];
  expect(stateOf({ ordered }, 'order')).toBe('holds');
  expect(stateOf({ ordered, neighbors }, 'order')).toBe('unknown');
});

test('a loss is not shown by a test that spread the messages of such a domain', () => {
  const assumed = measured(recordedRun({ ...threeBrokers, isRecorded: false }));
  const without = (run = recordedRun()) =>
    ['1', '2', '3'].map((id) => measured(withoutBrokers(run, [id]), soonConfirmed, `without ${id}`));
  const ordered = { peakTps: 1000, tests: [single] };
  expect(stateOf({ measured: [assumed, ...without()], ordered }, 'after-loss')).toBe('unknown');
  expect(stateOf({ measured: [assumed, ...without(onOnePartition())], ordered }, 'after-loss')).toBe('holds');
});

test('on a shared cluster, the limit of one partition is none of the cluster', () => {
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
  const made = (...tests: (typeof proven)[]) => {
    const analyses = tests.map(({ analysis, source }) => ({
      ...ofOrders,
      analysis,
      source: { ...ofOrders.source, id: source },
    }));
    const { verdicts } = CapacityReport.parse(
      makeReport({ ...given, analyses: [...given.analyses, ...analyses], plan }),
    );
    return Object.fromEntries(verdicts.map(({ domain, reasons }) => [domain, reasons.map(({ code }) => code)]));
  };
  expect(made()).toEqual({ orders: ['order-not-proven'], pay: ['proven'] });
  // One partition saturates at 500 messages a second, later than the cluster was tested with 1,400.
  expect(made(slow)).toEqual({ orders: ['proven'], pay: ['proven'] });
});
