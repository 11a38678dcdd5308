import { expect, test } from 'vitest';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import type { ReportInputs } from '../../../../../analyzer/review/capacity-report/report-inputs.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { CapacityReport, type SurvivedLoss } from '../../../../../core/documents/capacity-report.ts';
import { writeReport } from '../../../../../dashboards/reports/capacity/write-parts.ts';
import { renderMarkdown } from '../../../../../dashboards/reports/capacity/render-markdown.ts';
import { inputs, plans } from '../../../../support/capacity-report-inputs.ts';
import { measured as measuredRun } from '../../../../support/go-case.ts';
import { compressed, elsewhere, lower, lowerRun } from '../../../../support/go-decisions.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { electing } from '../../../../support/rocketmq-groups.ts';

const report = makeReport(inputs);

const withAcks = measuredRun({
  ...lowerRun,
  document: { ...lowerRun.document, workload: { ...lowerRun.document.workload, acks: 'leader' } },
});

test('a plan determines the needed replicas, and the strictest domain on its clusters determines the acks', () => {
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || own === undefined) throw new Error('no cluster');
  const conditionOf = (replicas: number, ...domains: (typeof cluster)['domains']) => {
    const plan = { ...plans, clusters: [{ ...cluster, broker: 'kafka' as const, replicas, domains }], refused: [] };
    const given = goInputs({ orders: { tps: 300, analysis: withAcks.analysis } });
    const made = makeReport({ ...given, plan: { plans: plan, source: report.sources[0]! } });
    return made.verdicts
      .find(({ domain }) => domain === 'orders')
      ?.conditions.find(({ condition }) => condition === 'replication');
  };
  const orders = { ...own, loss: 'may-lose' as const };
  expect(conditionOf(3, orders)?.state).toBe('holds');
  expect(conditionOf(5, orders)).toMatchObject({ state: 'fails', subject: 'analysis orders (3)' });
  const strict = { ...own, name: 'pay', loss: 'acknowledged' as const };
  expect(conditionOf(3, orders, strict)).toMatchObject({ state: 'fails', subject: 'analysis orders (acks=leader)' });
  expect(conditionOf(3, own)).toMatchObject({ state: 'fails', subject: 'analysis orders (acks=leader)' });
  // Brokers also send the messages to the five groups of the other domain; the test had four.
  const read = { ...orders, name: 'pay', consumerGroups: 5 };
  expect(conditionOf(3, orders, read)).toMatchObject({ state: 'fails', subject: 'analysis orders (groups=4)' });
});

test('a test needs the acks and replicas of all domains on its cluster, wherever the plan places them', () => {
  const [first, other] = plans.clusters;
  const [own] = first?.domains ?? [];
  if (first === undefined || other === undefined || own === undefined) throw new Error('no clusters');
  const cluster = { ...first, broker: 'kafka' as const };
  const conditionWith = (analysis: Analysis, clusters: (typeof plans)['clusters']) => {
    const given = goInputs({ orders: { tps: 300, analysis: withAcks.analysis }, pay: { tps: 100, analysis } });
    const plan = { plans: { ...plans, clusters, refused: [] }, source: report.sources[0]! };
    const verdict = makeReport({ ...given, plan }).verdicts.find(({ domain }) => domain === 'orders');
    return verdict?.conditions.find(({ condition }) => condition === 'replication');
  };
  const orders = { ...own, loss: 'may-lose' as const };
  const strict = { ...own, name: 'pay', loss: 'acknowledged' as const };
  const weak = { state: 'fails', subject: 'analysis orders (acks=leader)' };
  const separate = [
    { ...cluster, domains: [orders] },
    { ...other, domains: [strict] },
  ];
  const merged = [{ ...cluster, domains: [orders, strict] }];
  for (const clusters of [separate, merged]) {
    expect(conditionWith(lower.analysis, clusters)).toMatchObject(weak);
    expect(conditionWith(elsewhere.analysis, clusters)?.state).toBe('holds');
  }
  const copied = [
    { ...cluster, domains: [orders] },
    { ...other, broker: 'kafka' as const, replicas: 5, domains: [{ ...strict, loss: 'may-lose' as const }] },
  ];
  expect(conditionWith(lower.analysis, copied)).toMatchObject({ state: 'fails', subject: 'analysis orders (3)' });
  expect(conditionWith(elsewhere.analysis, copied)?.state).toBe('holds');
  // Slaves of RocketMQ are not replicas of Kafka.
  const ofRocketmq = copied.map((each, index) => (index === 0 ? each : { ...each, broker: 'rocketmq' as const }));
  expect(conditionWith(lower.analysis, ofRocketmq)?.state).toBe('holds');
  // This also holds if the domain itself moves to RocketMQ.
  const migrated = [{ ...cluster, broker: 'rocketmq' as const, replicas: 5, domains: [orders] }];
  expect(conditionWith(lower.analysis, migrated)).toBeUndefined();
});

test('a test needs the groups of all domains on its cluster, wherever the plan places them', () => {
  const [first, other] = plans.clusters;
  const [own] = first?.domains ?? [];
  if (first === undefined || other === undefined || own === undefined) throw new Error('no clusters');
  const cluster = { ...first, broker: 'kafka' as const };
  const [orders, pay] = [own, { ...own, name: 'pay', consumerGroups: 5 }];
  const stateWith = (analysis: Analysis, clusters: (typeof plans)['clusters']) => {
    const given = goInputs({ orders: { tps: 300, analysis: lower.analysis }, pay: { tps: 100, analysis } });
    const plan = { plans: { ...plans, clusters, refused: [] }, source: report.sources[0]! };
    const verdict = makeReport({ ...given, plan }).verdicts.find(({ domain }) => domain === 'orders');
    return verdict?.conditions.find(({ condition }) => condition === 'replication')?.state;
  };
  // The test had four groups.
  const merged = [{ ...cluster, domains: [orders, pay] }];
  expect([lower, elsewhere].map(({ analysis }) => stateWith(analysis, merged))).toEqual(['fails', 'holds']);
  const separate = [
    { ...cluster, domains: [orders] },
    { ...other, domains: [pay] },
  ];
  expect([lower, elsewhere].map(({ analysis }) => stateWith(analysis, separate))).toEqual(['fails', 'holds']);
});

test('messages of a plan count by their compressed size', () => {
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || own === undefined) throw new Error('no cluster');
  const stateWith = (domain: Partial<typeof own>) => {
    const domains = [{ ...own, messageBytes: 1000, ...domain }];
    const plan = { ...plans, clusters: [{ ...cluster, domains }], refused: [] };
    const { messageBytes: _, ...given } = goInputs({ orders: { tps: 300, analysis: compressed.analysis } });
    const made = makeReport({ ...given, plan: { plans: plan, source: report.sources[0]! } });
    return made.verdicts[0]?.conditions.find(({ condition }) => condition === 'message-size')?.state;
  };
  expect(stateWith({ compressionRatio: 4 })).toBe('holds');
  expect(stateWith({})).toBe('fails');
});

test('a plan that survives the loss of two brokers needs a test of that loss, or another loss stated in the report', () => {
  const [cluster] = plans.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  const losses = [{ kind: 'brokers-lost' as const, brokers: 2, elects: true as const }];
  const clusters = [{ ...cluster, promise: { ...cluster.promise, losses } }];
  const plan = { plans: { ...plans, clusters, refused: [] }, source: report.sources[0]! };
  const given = goInputs({ orders: { tps: 900 } });
  const [whole] = given.analyses;
  if (whole === undefined) throw new Error('no analysis');
  const madeWith = (survives: ReportInputs['survives'] = {}, analyses = given.analyses) =>
    CapacityReport.parse(makeReport({ ...given, analyses, plan, survives }));
  const missing = (...by: Parameters<typeof madeWith>) =>
    madeWith(...by).verdicts[0]?.reasons.find(({ code }) => code === 'after-loss-unknown')?.missing;
  expect(missing()).toEqual([{ what: 'brokers-down', of: '2' }]);
  expect(missing({ orders: 'broker' })).toBeUndefined();
  // Groups of the plan elect a master; the tested cluster has fixed masters, which stayed up.
  const { analysis } = whole;
  const degraded = { lost: ['broker-a:1', 'broker-b:1'], waitedSeconds: 10, copies: 1 };
  const withoutSlaves = { ...analysis, degraded, run: { ...analysis.run, broker: 'rocketmq' as const } };
  const both = [whole, { ...whole, analysis: withoutSlaves }];
  expect(missing({}, both)).toEqual([{ what: 'brokers-down', of: '2' }]);
  const signed = (language: 'en' | 'zh', loss?: SurvivedLoss) => {
    const text = renderMarkdown(writeReport(madeWith(loss && { orders: loss }), language));
    return /^\| orders \| orders \| ([^|]+) \| orders-team \|/m.exec(text)?.[1];
  };
  expect([signed('en'), signed('zh')]).toEqual(['2 brokers at the same time', '2 台 Broker 同时故障']);
  expect(signed('zh', 'zone')).toBe('一个可用区；2 台 Broker 同时故障');
  // The loss that the report states takes precedence.
  expect([signed('en', 'broker'), signed('en', 'none')]).toEqual(['one broker', 'none']);
});

test('a plan that survives the loss of a group needs a test without all its members, or another stated loss', () => {
  const [cluster] = plans.clusters;
  const [own] = cluster?.domains ?? [];
  if (cluster === undefined || own === undefined) throw new Error('no cluster');
  expect(cluster.promise.losses).toEqual([{ kind: 'group-lost' }]);
  const plan = {
    plans: { ...plans, clusters: [{ ...cluster, domains: [{ ...own, consumerGroups: 1 }] }], refused: [] },
    source: report.sources[0]!,
  };
  const given = goInputs({ orders: { tps: 1000, analysis: electing.whole.analysis } });
  const [whole] = given.analyses;
  if (whole === undefined) throw new Error('no analysis');
  const stateAfter = (lost: string[], survives: ReportInputs['survives'] = {}) => {
    const degraded = { ...whole, analysis: electing.without(lost).analysis };
    const made = makeReport({ ...given, analyses: [whole, degraded], plan, survives });
    return made.verdicts[0]?.conditions.find(({ condition }) => condition === 'after-loss')?.state;
  };
  expect(stateAfter(['broker-a:0'])).toBe('fails');
  expect(stateAfter(['broker-a:0', 'broker-a:2', 'broker-a:3'])).toBe('holds');
  expect(stateAfter(['broker-a:0'], { orders: 'broker' })).toBe('holds');
});
