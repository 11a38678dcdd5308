// Computes advice from a forecast of the scheduled job and the analysis of a load test of three brokers.

import { expect } from 'vitest';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import type { Promotion } from '../../analyzer/forecast/promotions.ts';
import { evidenceAdviceOf } from '../../app/planning/evidence-advice.ts';
import { worstLoss } from '../../app/planning/windows.ts';
import { headroomPriceFor } from '../../app/planning/headroom-price.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { HeadroomPrice } from '../../core/documents/headroom-price.ts';
import { EvidenceAdvice } from '../../core/documents/evidence-advice.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/clock.ts';
import { forecastOfLoad } from '../../service/calculation/calculation.ts';
import { examplePolicy } from './example-policy.ts';
import { madeLoad, madeStart } from './made-history.ts';
import { placedRun } from './placed-run.ts';

const hour = 3_600_000;
const days = 70;
const policy = examplePolicy();

/** A Kafka cluster: the network interface of broker 3 is half as fast, and each broker leads a third. */
export const threeBrokers = analyzeRun(
  placedRun({
    broker: 'kafka',
    cards: { '1': 6.25e6, '2': 6.25e6, '3': 3e6 },
    rows: [
      { leader: '1', replicas: ['1', '2', '3'], partitions: 4 },
      { leader: '2', replicas: ['2', '3', '1'], partitions: 4 },
      { leader: '3', replicas: ['3', '1', '2'], partitions: 4 },
    ],
    groups: 1,
    rates: [600, 800, 1000, 1200, 1400],
    isRecorded: true,
    replicationFactor: 3,
  }),
  policy,
);
/** Capacity after the worst loss of a broker. */
export const afterLoss = worstLoss(threeBrokers, 'broker') ?? expect.fail('no loss');

/** A verdict whose losses have no rate for the time after the return. */
export const withoutCatchUp = (analysis: Analysis): Analysis => ({
  ...analysis,
  withoutOne: analysis.withoutOne?.map((loss) => {
    const { returning: _, ...down } = loss;
    return down;
  }),
});

/** The worst loss has no safe maximum, the others have one. */
export const withUnknownLoss: Analysis = {
  ...threeBrokers,
  withoutOne: (threeBrokers.withoutOne ?? []).filter(({ id }) => id !== afterLoss.id),
  withoutOneUnknown: [
    { lost: 'broker', id: afterLoss.id, missing: [{ what: 'host metrics, since it takes over traffic', node: '2' }] },
  ],
};

const load = madeLoad('evidence', { days });
const nowMs = madeStart + days * 24 * hour;

const forecasts = new Map<string, RecordedForecast>();
function forecastOf(scale: number, promotions: readonly Promotion[] = []): RecordedForecast {
  const key = JSON.stringify([scale, promotions]);
  const known = forecasts.get(key);
  if (known !== undefined) return known;
  const answer = forecastOfLoad({
    kind: 'forecast',
    readings: load.map((value, index) => ({ timeMs: madeStart + index * hour, value: scale * value })),
    timezone: 'UTC',
    horizonSeconds: 7 * 86_400,
    promotions,
  });
  const forecast = answer.kind === 'forecast' ? answer.forecast : expect.fail(answer.reason);
  forecasts.set(key, forecast);
  return forecast;
}

const adviceWith = (scale: number, over: Partial<Parameters<typeof evidenceAdviceOf>[0]> = {}): EvidenceAdvice =>
  EvidenceAdvice.parse(
    evidenceAdviceOf({
      cluster: 'orders',
      forecast: { document: forecastOf(scale) },
      analysis: threeBrokers,
      survives: 'broker',
      nowMs,
      risk: 0.05,
      policy,
      ...over,
    }),
  );

/** A load that rises every weekday; its highest peak requires a safe maximum of `tps`. */
const unscaled = adviceWith(1).neededTps;
export const adviceFor: typeof adviceWith = (tps, over) => adviceWith(tps / unscaled, over);

/** A sale of one day, this many days from now; 0 is the day that begins now. */
export const saleOn = (daysAhead: number): Promotion => ({
  name: 'sale',
  on: new Date(nowMs + 24 * hour * daysAhead).toISOString().slice(0, 10),
  days: 1,
  lead: seconds(0),
  tail: seconds(0),
});

/** Scales the forecast so that capacity after the worst loss is this multiple of the required rate. */
export function forecastWithin(
  analysis: Analysis | undefined,
  share: number,
  promotions: readonly Promotion[] = [],
): RecordedForecast {
  const left = (analysis && worstLoss(analysis, 'broker')?.tps) ?? afterLoss.tps;
  return forecastOf(left / share / unscaled, promotions);
}

export const highestOf = ({ points }: RecordedForecast): RecordedForecast['points'][number] =>
  points.reduce((most, each) => (each.tps > most.tps ? each : most));

export const headroomOf = (
  analysis: Analysis | undefined,
  share: number | undefined,
  prices?: Parameters<typeof headroomPriceFor>[0]['prices'],
  promotions: readonly Promotion[] = [],
  atMs = nowMs,
  broker: BrokerKind = 'kafka',
  snapshot?: Parameters<typeof headroomPriceFor>[0]['snapshot'],
): HeadroomPrice => {
  const forecast = share === undefined ? undefined : forecastWithin(analysis, share, promotions);
  const times = promotions.map(({ on, days: length }) => ({ toMs: Date.parse(on) + 24 * hour * length }));
  const known = { cluster: 'orders', broker, analysis, forecast, prices, nowMs: atMs, risk: 0.05, policy };
  return HeadroomPrice.parse(headroomPriceFor({ ...known, promotions: times, snapshot }));
};

/** Makes equal brokers: one partition for every choice of a leader and two followers. */
export function evenBrokers(count: number): Analysis {
  const ids = Array.from({ length: count }, (_, index) => String(index + 1));
  const rows = ids.flatMap((leader) =>
    ids.flatMap((second) =>
      ids.flatMap((third) =>
        new Set([leader, second, third]).size === 3
          ? [{ leader, replicas: [leader, second, third], partitions: 1 }]
          : [],
      ),
    ),
  );
  const cards = Object.fromEntries(ids.map((id) => [id, 3e6]));
  const rates = [0.4, 0.5, 0.6, 0.7].map((share) => Math.round(share * count * 900));
  return analyzeRun(
    placedRun({ broker: 'kafka', cards, rows, groups: 1, rates, isRecorded: true, replicationFactor: 3 }),
    policy,
  );
}

/** Equal brokers without replicas, two on each host. */
export function brokersInPairs(count: number): Analysis {
  const ids = Array.from({ length: count }, (_, index) => String(index + 1));
  return analyzeRun(
    placedRun({
      broker: 'kafka',
      cards: Object.fromEntries(ids.map((id) => [id, 3e6])),
      hosts: Object.fromEntries(ids.map((id, index) => [id, `host-${Math.floor(index / 2)}`])),
      rows: ids.map((id) => ({ leader: id, replicas: [id], partitions: 8 })),
      groups: 1,
      rates: [0.4, 0.5, 0.6, 0.7].map((share) => Math.round(share * count * 2000)),
      isRecorded: true,
      replicationFactor: 1,
    }),
    policy,
  );
}

/** One group of three that elects its master. */
export const oneGroup = () =>
  rocketmqOf([['broker-a:0', 'broker-a:1', 'broker-a:2']], { enableDLegerCommitLog: 'true' });

/** Equal masters, each with a slave. */
export const evenMasters = (count: number) =>
  rocketmqOf(Array.from({ length: count }, (_, index) => [`broker-${index}:0`, `broker-${index}:1`]));

/** Three masters, one of them with a slave. */
export const unevenMasters = () => rocketmqOf([['broker-a:0', 'broker-a:1'], ['broker-b:0'], ['broker-c:0']]);

function rocketmqOf(groups: readonly [string, ...string[]][], shared: Record<string, string> = {}): Analysis {
  const ids = groups.flat();
  const run = placedRun({
    broker: 'rocketmq',
    cards: Object.fromEntries(ids.map((id) => [id, 6.25e6])),
    rows: groups.map((replicas) => ({ leader: replicas[0], replicas, partitions: 8 })),
    groups: 1,
    rates: [0.4, 0.5, 0.6, 0.7].map((share) => Math.round(share * groups.length * 2000)),
    isRecorded: true,
  });
  const settings = { read: ids, unread: [], shared, own: {}, jvms: {} };
  return analyzeRun({ ...run, document: { ...run.document, settings } }, policy);
}
