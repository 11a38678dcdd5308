// Builds a case for each reason of GO decisions.

import { fileURLToPath } from 'node:url';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import { decide } from '../../analyzer/review/capacity-report/decide.ts';
import type { GoCase, ClusterSettings, Measured } from '../../analyzer/review/capacity-report/go-case.ts';
import { withShare } from '../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { groupCapacity } from '../../analyzer/verdict/limits/consumer-groups/groups.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import type { ReasonCode } from '../../core/documents/reasons/go-reasons.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { goCase, measured, policy, proven, recordedRun, soonConfirmed, threeBrokers } from './go-case.ts';
import { deliveryAccount, groupAccount } from './delivery-account.ts';

export const peak = (high: number) => ({ low: 0.8 * high, mid: 0.9 * high, high });
export const recorded = async (path: string, by: Policy = policy): Promise<Measured> => ({
  analysis: await analyzeBundle(fileURLToPath(new URL(`../../${path}`, import.meta.url)), by),
  source: path,
});
const loadTest = await recorded('examples/load-test');
const readings = await recorded('examples/founding-70k');
const whole = { value: 1, source: 'a test' };
/** Its busiest seconds used the whole link. */
export const findSafe = await recorded('test/fixtures/recorded-runs/find-safe', {
  ...policy,
  limits: { ...policy.limits, 'network-in': whole, 'network-out': whole },
});
const stopped = await recorded('test/fixtures/recorded-runs/stopped');

export const decisionOf = (change: Partial<GoCase>) => decide({ ...goCase, ...change });
export const codesOf = (change: Partial<GoCase>) => decisionOf(change).reasons.map(({ code }) => code);
export const reasonOf = (change: Partial<GoCase>, code: ReasonCode) =>
  decisionOf(change).reasons.find((reason) => reason.code === code);
export const stateOf = (change: Partial<GoCase>, name: string) =>
  decisionOf(change).conditions.find(({ condition }) => condition === name)?.state;

export const predicted = measured(recordedRun(), policy);
export const changed = (change: Record<string, string>): ClusterSettings[] => [
  { ...(goCase.settings[0] as ClusterSettings), fingerprint: { ...proven.analysis.fingerprint, ...change } },
];
/** Adds a group that read this many messages a second while it caught up. */
export const withGroup = (caughtUpTps: number): Measured => ({
  ...proven,
  analysis: {
    ...proven.analysis,
    consumerGroups: (() => {
      const bins = Array.from({ length: 40 }, (_, bin) => ({ from: bin * 60, to: bin * 60 + 60 }));
      const history = {
        group: 'audit',
        lag: bins.map(({ to }, bin) => ({
          group: 'audit',
          elapsedSeconds: to,
          messages: Math.max(0, 40_000 - 2000 * bin),
        })),
        commits: bins.map((span, bin) => ({
          ...span,
          group: 'audit',
          messagesPerSecond: bin < 20 ? caughtUpTps : 650,
        })),
      };
      return [withShare(groupCapacity(history, 0.95), history, (caughtUpTps + 650) / 2)];
    })(),
  },
});
const withoutHost = (() => {
  const run = recordedRun();
  return measured({ ...run, hosts: new Map([...run.hosts].filter(([host]) => host !== 'host-2')) });
})();
export const slowCard = measured(recordedRun({ ...threeBrokers, cards: { '1': 6.25e6, '2': 3.125e6, '3': 6.25e6 } }));
/** The codec compressed messages to a quarter. */
export const compressed = (() => {
  const run = recordedRun();
  const workload = { compression: 'lz4', compressionRatio: 4 };
  const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
  return measured({ ...run, document: { ...run.document, resume } });
})();
/** Two replicas of each message, both required for an acknowledgement. */
export const twoNeeded = measured(
  recordedRun(
    { ...threeBrokers, rows: [{ leader: '1', replicas: ['1', '2'], partitions: 12 }], replicationFactor: 2 },
    2,
  ),
);
export const startedAt = (run: LoadTestRun, moment: string): LoadTestRun => ({
  ...run,
  document: { ...run.document, startedAt: moment },
});
/** The same cluster two months before, when it sustained 1,400. */
export const earlier = measured(
  startedAt(recordedRun(), '2025-11-01T00:00:00.000Z'),
  soonConfirmed,
  'analysis november',
);
/** Four groups instead of one, so that a message is sent six times instead of three: safe at 754, and 700 sustained. */
export const lowerRun = recordedRun({ ...threeBrokers, groups: 4, rates: [300, 400, 500, 600, 700] });
export const lower = measured(lowerRun);
const lostMessages = measured({
  ...recordedRun(),
  ledger: deliveryAccount({
    groups: [groupAccount({ received: 999, lost: 1, places: [{ topic: 'orders', partition: 1, lost: 1 }] })],
  }),
});
/** The same test of a cluster whose config gives it the same name. */
export const elsewhere = (() => {
  const run = recordedRun();
  const { environment } = run.document;
  const brokers = environment.brokers.map((each) => ({ ...each, host: `other-${each.host}` }));
  const hosts = new Map(
    [...run.hosts].map(([host, series]) => [`other-${host}`, { ...series, host: `other-${host}` }]),
  );
  return measured({ ...run, hosts, document: { ...run.document, environment: { ...environment, brokers } } });
})();
/** Sends waited only for the leader. */
const leaderOnly = (() => {
  const { document, ...run } = recordedRun();
  return measured({ ...run, document: { ...document, workload: { ...document.workload, acks: 'leader' } } });
})();
const withoutHosts = (() => {
  const run = recordedRun();
  const { environment } = run.document;
  const brokers = environment.brokers.map(({ id, address }) => ({ id, address }));
  return measured({ ...run, document: { ...run.document, environment: { ...environment, brokers } } });
})();
const plan = { probabilityEnough: 0.95 };
const unsure = { probabilityEnough: 0.6 };
const older: Measured = {
  ...proven,
  // The format of versions that did not compute it yet.
  analysis: {
    ...proven.analysis,
    withoutOne: (proven.analysis.withoutOne ?? []).map((loss) => {
      const { returning: _, ...kept } = loss;
      return kept;
    }),
  },
};

export const ofFiles: Measured = {
  ...proven,
  analysis: { ...proven.analysis, run: { ...proven.analysis.run, origin: 'files' } },
};

/** @param p99s of the steps, in seconds */
export function withLatencies(
  p99s = [0.004, 0.01, 0.012, 0.013, 0.014],
  source?: string,
  rates = threeBrokers.rates,
): Measured {
  const run = recordedRun({ ...threeBrokers, rates });
  const steps = run.steps.map((step, index) => {
    const p99 = p99s[index];
    return p99 === undefined ? step : { ...step, latencySeconds: { p50: p99 / 2, p99, p999: 2 * p99, max: 3 * p99 } };
  });
  return measured({ ...run, steps }, soonConfirmed, source);
}

/** As Kafka 4 shows them with a listener for TLS, without a configured map. @param tls absent in runs of older versions */
export function withTlsListener(tls?: boolean, more: Readonly<Record<string, string>> = {}): Measured {
  const run = recordedRun(threeBrokers, 1, (id) => ({
    'node.id': id,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://10.0.0.${id}:9092,SSL://10.0.0.${id}:9093,CONTROLLER://10.0.0.${id}:9094`,
    'listener.security.protocol.map':
      'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SSL',
    ...more,
  }));
  return measured({ ...run, document: { ...run.document, ...(tls !== undefined && { tls }) } });
}

/** Changes that produce each reason; the verdict is of a recorded run, or computed from the bytes of one. */
export const reaching: Readonly<Record<ReasonCode, Partial<GoCase>>> = {
  proven: {},
  'not-confirmed': { measured: [predicted], confirmationSeconds: 600 },
  'groups-not-confirmed': { measured: [predicted], confirmationSeconds: 600 },
  'read-once': { measured: [readings], peakTps: peak(50_000) },
  'interval-overlaps': { measured: [predicted], peakTps: { low: 1000, mid: 1300, high: 1600 }, survives: 'none' },
  'plan-closes-gap': { peakTps: peak(3000), plan },
  'peak-unknown': { peakTps: undefined },
  'forecast-misses-promotion': {
    forecastReasons: [
      { code: 'forecast-misses-promotion', subjects: ['2025-04-11 00:00 UTC', '2025-04-25 00:00 UTC'] },
    ],
  },
  'forecast-without-promotion': {
    forecastReasons: [{ code: 'forecast-without-promotion', subjects: ['2025-04-20'] }],
  },
  'peak-measured-once': { forecastReasons: [{ code: 'peak-measured-once', subjects: ['orders'] }] },
  'not-measured': { measured: [stopped] },
  'proof-superseded': { measured: [earlier, lower] },
  'no-maximum-found': { measured: [findSafe], peakTps: peak(900) },
  'safe-below-peak': { measured: [loadTest], peakTps: peak(9000) },
  'plan-not-sure': { peakTps: peak(3000), plan: unsure },
  'refused-by-plan': { plan: 'refused' },
  'plan-not-measured': { peakTps: peak(3000), planGap: { code: 'plan-not-measured', subjects: ['kafka kraft'] } },
  'plan-without-build': { peakTps: peak(3000), planGap: { code: 'plan-without-build' } },
  'evidence-expired': { asOf: '2026-07-02' },
  'evidence-in-future': { asOf: '2025-12-30' },
  'latency-missed': { measured: [withLatencies()], latency: { domain: 'orders', seconds: 0.008 } },
  'not-monitored': { measured: [withoutHost] },
  'after-loss-unknown': { measured: [findSafe], peakTps: peak(400) },
  'after-loss-below-peak': { measured: [slowCard], peakTps: peak(1300) },
  'after-loss-rejects-sends': { measured: [twoNeeded] },
  'catch-up-unknown': { measured: [older] },
  'catch-up-below-peak': { peakTps: peak(1390) },
  'disk-space-unknown': { withoutAverage: ['pay'] },
  'retention-below-average': { averageTps: 10_000 },
  'groups-unknown': { measured: [measured({ ...recordedRun(), consumed: [] })] },
  'group-below-share': { measured: [withGroup(700)] },
  'message-size-unknown': { messageBytes: undefined },
  'messages-too-small': { messageBytes: 2048 },
  'test-compression-unknown': { measured: [ofFiles] },
  'too-few-replicas': { plannedReplicas: 4 },
  'acks-too-weak': { measured: [leaderOnly], plannedLoss: 'acknowledged' },
  'too-few-groups': { declaredGroups: 2 },
  'tls-not-tested': { measured: [withTlsListener(false)] },
  'compression-not-tested': { compressionRatio: 2 },
  'too-few-partitions': { plannedPartitions: 25 },
  'batches-too-large': { plannedBatch: 5 },
  'delay-not-tested': { isDelayed: true },
  'order-not-proven': { ordered: { peakTps: 1000, tests: [proven] } },
  'cluster-unknown': { measured: [proven, withoutHosts] },
  'different-clusters': { measured: [proven, elsewhere] },
  'critical-finding': { measured: [lostMessages] },
  'drift-unknown': { settings: [] },
  drifted: { settings: changed({ 'broker.settings.num.io.threads': '4' }) },
};

export const before = '2025-11-01T00:00:00.000Z';
export const bothOrders = (one: Measured, two: Measured): Measured[][] => [
  [one, two],
  [two, one],
];
export const figureOf = (analyses: Measured[], name: string) =>
  decisionOf({ measured: analyses }).conditions.find(({ condition }) => condition === name);

/** The measurement as of two months before. */
export const asBefore = ({ analysis, source }: Measured): Measured => {
  const { held: _, ...rest } = analysis;
  return { source, analysis: { ...rest, run: { ...analysis.run, startedAt: before } } };
};
