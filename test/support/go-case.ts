// Builds a GO case: a load test of three brokers that sustained its rate, with all records that GO requires.

import type { GoCase, Measured } from '../../analyzer/review/capacity-report/go-case.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { recordedSettings } from '../../app/load-test/recorded-settings.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { examplePolicy } from './example-policy.ts';
import { placedRun, type PlacedRun } from './placed-run.ts';

/** With the retention that a GO requires. */
export const policy: Policy = {
  ...examplePolicy(),
  retentionSeconds: { value: 259_200, source: 'config, analyzer.retention' },
};
/** Policy for runs with steps of 12 s. */
export const soonConfirmed: Policy = {
  ...policy,
  confirmationSeconds: { ...policy.confirmationSeconds, value: 12 },
};

/** All leaders on broker 1, so that it sends most; safe at 1,501 messages a second, tested up to 1,400. */
export const threeBrokers: PlacedRun = {
  broker: 'kafka',
  cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6 },
  rows: [{ leader: '1', replicas: ['1', '2', '3'], partitions: 12 }],
  groups: 1,
  rates: [600, 800, 1000, 1200, 1400],
  isRecorded: true,
  replicationFactor: 3,
};

type ValuesOf = (id: string) => Readonly<Record<string, string>>;
const valuesOfKafka: ValuesOf = (id) => ({ 'node.id': id, 'num.io.threads': '8' });

const settingsOf = (ids: readonly string[], valuesOf: ValuesOf, minInSyncReplicas = 1) =>
  recordedSettings(
    {
      processes: ids.map((id) => ({ of: 'broker' as const, id, values: new Map(Object.entries(valuesOf(id))) })),
      notices: [],
      topics: [{ topic: 'orders', minInSyncReplicas }],
    },
    ids.map((broker) => ({ broker, jvm: { version: '21', flags: ['-Xmx6g'] } })),
  );

/** Adds disks that store 3 days of about 4,850 messages a second on average. */
const withDisks = (hosts: LoadTestRun['hosts']): LoadTestRun['hosts'] =>
  new Map(
    [...hosts].map(([host, series]) => {
      const disks = [{ device: 'sda', sizeBytes: 2e12 }];
      const inventory = { ...series.inventory, host, disks, writeback: { expireSeconds: 1, dirtyThresholdBytes: 1e5 } };
      const intervals = series.intervals.map((interval) => ({
        ...interval,
        disks: [{ device: 'sda', busy: 0.1, writtenBytesPerSecond: interval.network?.[0]?.inBytesPerSecond ?? 0 }],
      }));
      return [host, { ...series, inventory, intervals }] as const;
    }),
  );

/** A run as `plimsoll run` records it: placement, settings, JVMs, disks, and the rate of the group. */
export function recordedRun(
  shape: PlacedRun = threeBrokers,
  minInSyncReplicas = 1,
  valuesOf: ValuesOf = valuesOfKafka,
): LoadTestRun {
  const run = placedRun(shape);
  const hosts = withDisks(run.hosts);
  return {
    ...run,
    hosts,
    document: {
      ...run.document,
      brokerVersion: '4.3',
      environment: {
        ...run.document.environment,
        hosts: [...hosts.values()].flatMap(({ inventory }) => inventory ?? []),
      },
      settings: settingsOf(Object.keys(shape.cards), valuesOf, minInSyncReplicas),
    },
    consumed: run.produced.map(({ from, to, acknowledged }) => ({
      from,
      to,
      worker: 'consumer-0',
      group: 'billing',
      messages: acknowledged,
      eventLoopUtilisation: 0.1,
      cpuSeconds: 0.1,
    })),
  };
}

/** A run as `plimsoll run --degraded` records it: without the hosts, settings and JVMs of the lost brokers. */
export function withoutBrokers(
  run: LoadTestRun,
  lost: readonly string[],
  valuesOf: ValuesOf = valuesOfKafka,
): LoadTestRun {
  const { environment } = run.document;
  const brokers = environment.brokers.filter(({ id }) => !lost.includes(id));
  const isLeft = (host: string) => brokers.some((broker) => broker.host === host);
  return {
    ...run,
    document: {
      ...run.document,
      environment: { ...environment, brokers, hosts: environment.hosts.filter(({ host }) => isLeft(host)) },
      settings: settingsOf(
        brokers.map(({ id }) => id),
        valuesOf,
      ),
      degraded: { lost: [...lost], waitedSeconds: 10, copies: 2 },
    },
    hosts: new Map([...run.hosts].filter(([host]) => isLeft(host))),
  };
}

export const measured = (run: LoadTestRun, policy = soonConfirmed, source = 'analysis orders'): Measured => ({
  analysis: Analysis.parse(analyzeRun(run, policy)),
  source,
});

export const proven = measured(recordedRun());

/** Needs half of the sustained rate, so that enough remains for losses and catch-up traffic. */
export const goCase: GoCase = {
  peakTps: { low: 800, mid: 900, high: 1000 },
  measured: [proven],
  survives: 'broker',
  averageTps: 100,
  settings: [
    { cluster: 'lab', at: '2026-01-02T06:00:00.000Z', fingerprint: proven.analysis.fingerprint ?? {}, unread: [] },
  ],
  asOf: '2026-01-02',
  confirmationSeconds: 12,
  achievedShare: policy.step.achievedShare.value,
  lifetimeSeconds: 90 * 86_400,
  messageBytes: 1000,
  messageSizeShare: policy.messageSizeShare.value,
  plan: undefined,
};
