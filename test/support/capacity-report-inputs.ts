// Provides inputs for capacity reports: two planned clusters, one measured, one rejected.

import type { ReportInputs } from '../../analyzer/review/capacity-report/report-inputs.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import { unknownGroup } from '../../core/documents/reasons/group-gaps.ts';
import { assumptionText, type PlanAssumption } from '../../core/documents/reasons/plan-assumptions.ts';
import {
  refusalText,
  rejectionText,
  type RefusalCause,
  type RejectionCause,
} from '../../core/documents/reasons/rejection-reasons.ts';
import { ClusterPlans } from '../../core/documents/cluster-plan.ts';

const shape = {
  name: '24c48g',
  cores: 24,
  memoryBytes: 48 * 2 ** 30,
  diskBytes: 1e12,
  networkBitsPerSecond: 1e9,
};

const tooMany: RejectionCause = {
  kind: 'too-many-brokers',
  masters: 14,
  noun: 'group',
  clusters: 1,
  resource: 'network-out',
  mostMasters: 13,
  mostClusters: 1,
  shortage: { needed: 131e6, available: 125e6, unit: 'bytes/s' },
};

const beyondAny: RefusalCause = { kind: 'too-small', shape: '8c16g', nearest: tooMany };

const widened: PlanAssumption = {
  kind: 'figure-without-interval',
  domain: 'orders',
  figure: 'messageBytes',
  spread: 0.2,
};

const cluster = (name: string, peak: number, safe: number, probabilityEnough: number) => ({
  name,
  broker: 'rocketmq',
  mode: 'dledger',
  replicas: 3,
  domains: [
    {
      name,
      owners: [`${name}-team`],
      share: 1,
      peakTps: { low: peak * 0.6, mid: peak, high: peak * 1.6 },
      averageTps: peak / 4,
      usualTps: peak / 4,
      promotionDayTps: peak / 4,
      messageBytes: 500,
      consumerGroups: 3,
      retentionSeconds: 259_200,
      partitions: 18,
      survives: 'broker',
    },
  ],
  shape,
  brokers: Array.from({ length: 6 }, (_, index) => ({
    host: `${name}-${index}`,
    role: 'member',
    brokerId: index % 3,
    group: `broker-${Math.floor(index / 3)}`,
  })),
  masters: 2,
  zones: ['zone-1', 'zone-2', 'zone-3'],
  promise: {
    peakTps: { low: peak * 0.7, mid: peak, high: peak * 1.4 },
    safeTps: { low: safe * 0.8, mid: safe, high: safe * 1.2 },
    afterLossTps: { low: safe * 0.4, mid: safe * 0.5, high: safe * 0.6 },
    saturationTps: safe * 1.25,
    limitedBy: 'network-out',
    probabilityEnough,
    survives: ['a whole broker group lost'],
    losses: [{ kind: 'group-lost' }],
  },
  resources: [],
  cost: 19_200,
  margin: {
    resource: 'network-out',
    base: { value: peak / 3, unit: 'messages/s' },
    installed: safe,
    entries: [
      { reserve: 'promotion', factor: 3, why: 'peak of the promotion, divided by a usual peak' },
      {
        reserve: 'loss',
        factor: 2,
        why: 'a whole broker group lost: 1 of 2 brokers left',
        facts: { loss: { kind: 'group-lost' }, left: 1, masters: 2 },
      },
    ],
    product: 6,
  },
  sensitivity: [{ input: 'promotion', low: 2, high: 4, unit: 'times', brokersAtLow: 3, brokersAtHigh: 9, swing: 4.5 }],
  rejections: [
    {
      shape: '8c16g',
      broker: 'rocketmq',
      mode: 'dledger',
      reason: 'too-small',
      resource: 'network-out',
      message: rejectionText(tooMany, 'en'),
      cause: tooMany,
    },
  ],
  assumptions: [{ what: assumptionText(widened, 'en'), cause: widened }],
  findings: [],
});

export const plans = ClusterPlans.parse({
  schemaVersion: 1,
  worlds: { count: 512, seed: 'plimsoll' },
  costUnit: 'CNY',
  clusters: [cluster('orders', 40_000, 120_000, 0.98), cluster('finance', 1_200, 40_000, 1)],
  refused: [{ domain: 'video', ...refusalText(beyondAny, 'en'), cause: beyondAny, rejections: [] }],
  totals: { clusters: 2, brokers: 12, nameServers: 6, controllers: 0 },
  findings: [],
});

export const measuredOrders: Analysis = Analysis.parse({
  schemaVersion: 1,
  run: {
    id: 'orders-1',
    origin: 'load-test',
    cluster: 'orders',
    startedAt: '2026-10-01T02:00:00Z',
    durationSeconds: 3600,
  },
  steps: [
    {
      targetTps: 20_000,
      achievedTps: 19_990,
      verdict: { kind: 'sustained' },
      latencySeconds: { p50: 0.002, p99: 0.011, p999: 0.08, max: 0.2 },
      sendDelaySeconds: { p50: 0, p99: 0.0004, p999: 0.001, max: 0.002 },
    },
  ],
  resources: [
    {
      resource: 'network-out',
      node: 'broker-a:0',
      capacity: { value: 125e6, unit: 'bytes/s', source: 'ethtool: 1000Mb/s' },
      policyLimit: 0.8,
      utilisationAtHighestStep: 0.61,
      safeTps: { value: 26_000, low: 25_000, high: 27_000 },
      saturationTps: { value: 32_500, low: 31_000, high: 34_000 },
    },
  ],
  perBroker: ['a', 'b', 'c'].map((name) => ({ broker: `broker-${name}:0` })),
  safeMaxTps: {
    kind: 'predicted',
    tps: 25_000,
    estimateTps: 26_000,
    interval: { low: 25_000, high: 27_000, confidence: 0.95 },
    limitedBy: { resource: 'network-out', node: 'broker-a:0' },
  },
  saturationTps: { kind: 'unknown', missing: [] },
  withoutOne: [
    { lost: 'broker', id: 'broker-a:0', tps: 12_000, limitedBy: { resource: 'network-out', node: 'broker-b:0' } },
  ],
  consumerGroups: [unknownGroup('ledger', 'reading')],
  findings: [
    findingOf('next-ceiling', {
      first: { resource: 'network-out', node: 'broker-a:0' },
      next: { resource: 'cpu', node: 'broker-a:0' },
      tps: 27_000,
      lowTps: 25_500,
      ratio: 1.04,
      overlaps: true,
    }),
  ],
});

/** An analysis as `analyze` writes it for a run with enough steps, with intermediate figures. */
export const explainedOrders: Analysis = Analysis.parse({
  ...measuredOrders,
  explanation: [
    {
      id: 'step.1.use',
      name: 'mean use in step 1',
      value: 76e6,
      unit: 'bytes/s',
      formula: 'mean of 3000 samples',
      from: [],
      source: 'sum(rate(node_network_transmit_bytes_total[1m]))',
    },
    {
      id: 'answer',
      name: 'safe maximum',
      value: 25_000,
      unit: 'messages/s',
      from: ['step.1.use'],
      source: 'its lower end',
    },
  ],
});

export const inputs: ReportInputs = {
  promotion: { name: 'Double 11 2026', from: '2026-11-01', to: '2026-11-12' },
  asOf: '2026-10-10',
  expires: '2027-01-08',
  confirmationSeconds: 600,
  achievedShare: 0.99,
  lifetimeSeconds: 90 * 86_400,
  messageSizeShare: 0.05,
  plan: { plans, source: { id: 'plan', kind: 'plan', name: 'plan.json', sha256: 'a'.repeat(64) } },
  analyses: [
    {
      domain: 'orders',
      analysis: measuredOrders,
      source: {
        id: 'analysis orders',
        kind: 'analysis',
        name: 'verdict.json',
        domain: 'orders',
        sha256: 'b'.repeat(64),
      },
    },
  ],
  forecasts: [
    {
      domain: 'orders',
      forecast: {
        peak: { value: 42_000, low: 36_000, high: 50_000, highestPointAt: '2026-11-11T00:00:00Z' },
        coverage: 0.79,
      },
      source: {
        id: 'forecast orders',
        kind: 'forecast',
        name: 'forecast.json',
        domain: 'orders',
        sha256: 'c'.repeat(64),
      },
    },
  ],
};
