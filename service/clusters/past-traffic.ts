// Reads produced and consumed rates of a cluster for any grid of past intervals from the monitoring system.

import { withClusterSelected } from '../../analyzer/evidence/sources/cluster-in-select.ts';
import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { expressionOf } from '../../analyzer/evidence/sources/expression.ts';
import type { FigureName } from '../../analyzer/evidence/sources/figures.ts';
import type { Alternative, NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import {
  conversationWith,
  incompleteReason,
  queryRange,
  refused,
  type Conversation,
  type Grid,
} from '../../analyzer/evidence/sources/range-query.ts';
import { namingOf } from '../../analyzer/evidence/sources/selection.ts';
import { seriesByTarget, type TargetSeries } from '../../analyzer/evidence/sources/targets.ts';
import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import type { Clock } from '../../core/clock.ts';
import type { Broker, BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';
import type { ServedCluster } from '../parts.ts';
import { sourceQuery } from './source-query.ts';
import { defined } from '../../core/defined.ts';

export interface TrafficQuestion {
  source: PrometheusTelemetry;
  /** Display name of the source. */
  name: string;
  /** Cluster name in the source. */
  cluster: string;
  broker: BrokerKind;
  /** Current brokers with their names and addresses. */
  brokers: readonly Broker[];
}

/** @returns undefined if no Prometheus has history of the cluster */
export function questionOf({
  source,
  broker,
  last,
}: Pick<ServedCluster, 'broker' | 'last' | 'source'>): TrafficQuestion | undefined {
  if (source?.config.kind !== 'prometheus') return undefined;
  const brokers = last()?.snapshot.cluster.brokers ?? [];
  return { source: source.config, name: source.name, cluster: source.cluster, broker, brokers };
}

const schemesOf = {
  kafka: ['plimsoll-kafka', 'jmx-exporter', 'kafka-exporter'],
  rocketmq: ['plimsoll-rocketmq', 'rocketmq-native', 'rocketmq-exporter'],
} satisfies ByKind<string[]>;

/**
 * Rate of messages delivered to consumers. The naming schemes omit it, because no analysis needs it and Kafka brokers
 * do not count it.
 */
const handedOut: Readonly<Record<string, Alternative>> = {
  'plimsoll-rocketmq': {
    metrics: ['rocketmq_broker_get_messages_total'],
    // Same expression as put_messages in plimsoll-rocketmq.yaml.
    expression:
      'sum by ($by) (max without ($exporter) (rate(rocketmq_broker_get_messages_total{$match}[$window])) unless max without ($exporter) (changes(rocketmq_broker_boot_timestamp_seconds{$match}[$window]) > 0) or max without ($exporter) (avg_over_time((rate(rocketmq_broker_get_messages_total{$match}[5m]) unless changes(rocketmq_broker_boot_timestamp_seconds{$match}[5m]) > 0)[$window:5m]) * count_over_time(rocketmq_broker_boot_timestamp_seconds{$match}[$window:5m]) / scalar(count_over_time(vector(1)[$window:5m]))) and max without ($exporter) (changes(rocketmq_broker_boot_timestamp_seconds{$match}[$window]) > 0))',
  },
  'rocketmq-native': {
    metrics: ['rocketmq_messages_out_total'],
    expression: 'sum by ($by) (rate(rocketmq_messages_out_total{node_type=~"broker|", $match}[$window]))',
  },
};

interface Spelling {
  scheme: NamingScheme;
  figure: FigureName;
  alternative: Alternative;
}

/** Messages per second, the mean of each interval of the grid; NaN if unknown. */
export interface PastTraffic {
  produced?: PastRates;
  /** Rates stored by brokers, without the replicas that RocketMQ slaves count. */
  byBroker?: PastRates;
  /** Rates delivered by brokers; absent for Kafka. */
  handed?: PastRates;
  consumed?: PastRates;
  queries: SourceQuery[];
}

export type TrafficReader = ReturnType<typeof trafficReader>;

export function trafficReader(
  question: TrafficQuestion,
  { schemes: all, clock, signal }: { schemes: readonly NamingScheme[]; clock: Clock; signal: AbortSignal },
) {
  const { source, cluster, name } = question;
  const talk = conversationWith(withClusterSelected(source, cluster), { name, clock, signal, attempts: 1 });
  const schemes = all.filter(({ scheme }) => (schemesOf[question.broker] as readonly string[]).includes(scheme));
  const ask = async (spellings: readonly Spelling[], grid: Grid) => firstAnswered(talk, spellings, grid, question);
  const ofBrokers = (grid: Grid) => ask(spellingsOf(schemes, 'messagesInPerSecond'), grid);
  const ofOffsets = (grid: Grid) => ask(spellingsOf(schemes, 'offsetsPerSecond'), grid);
  return {
    /** @throws AppError prometheus-refused, credentials-refused; the signal's reason */
    async rates(grid: Grid): Promise<PastTraffic> {
      const counted = await ofBrokers(grid);
      const byBroker = counted && withoutSlaves(counted, question.broker);
      const isExact = byBroker !== undefined && !byBroker.countsRecords;
      const produced = isExact ? byBroker : ((await ofOffsets(grid)) ?? byBroker);
      const handed = await ask(handedOutOf(schemes), grid);
      const consumed = handed ?? (await ask(spellingsOf(schemes, 'groupCommitsPerSecond'), grid));
      return {
        ...defined({ produced, byBroker, handed, consumed }),
        queries: [produced?.query, consumed?.query].filter((each) => each !== undefined),
      };
    },
    produced: async (grid: Grid) => (await ofBrokers(grid)) ?? (await ofOffsets(grid)),
  };
}

const withoutSlaves = (rates: PastRates, broker: BrokerKind): PastRates => ({
  ...rates,
  series: rates.series.filter(({ name }) => traitsOf(broker).brokerId.canLead(name)),
});

/** @returns undefined if no series has a value */
export function rateAt(rates: Pick<PastRates, 'series'> | undefined, index: number): number | undefined {
  const known = rates?.series.map(({ values }) => values[index] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  if (known === undefined || known.length === 0) return undefined;
  return known.reduce((sum, value) => sum + Math.max(0, value), 0);
}

const spellingsOf = (schemes: readonly NamingScheme[], figure: FigureName): Spelling[] =>
  schemes.flatMap((scheme) =>
    (scheme.figures[figure] ?? [])
      // Excludes means over the last minute, and counters that may have only one sample in a day.
      .filter(({ flattened, perMinuteOf }) => flattened !== true && perMinuteOf === undefined)
      .map((alternative) => ({ scheme, figure, alternative })),
  );

const handedOutOf = (schemes: readonly NamingScheme[]): Spelling[] =>
  schemes.flatMap((scheme) => {
    const alternative = handedOut[scheme.scheme];
    return alternative === undefined ? [] : [{ scheme, figure: 'messagesInPerSecond' as const, alternative }];
  });

export interface PastRates {
  series: readonly TargetSeries[];
  /** As in the naming scheme. */
  countsRecords: boolean;
  query: SourceQuery;
}

const slopes: ReadonlySet<FigureName> = new Set<FigureName>(['offsetsPerSecond', 'groupCommitsPerSecond']);
/**
 * In seconds. If the load changes, a slope over a longer interval differs from the mean rate; the mean of shorter
 * slopes does not. Two slow scrapes fit into this time.
 */
const longestSlope = 900;
/** For grids of days, only the presence of traffic matters, and splitting them would need millions of slopes. */
const daySeconds = 86_400;

/** Returns the first of several spellings that has data of this cluster. */
async function firstAnswered(
  talk: Conversation,
  spellings: readonly Spelling[],
  grid: Grid,
  question: TrafficQuestion,
): Promise<PastRates | undefined> {
  for (const { scheme, figure, alternative } of spellings) {
    // The current hour is split at whole quarters only; if it is shorter than two quarters, one slope covers all of it.
    const isPieced = slopes.has(figure) && grid.gridSeconds >= 2 * longestSlope && grid.gridSeconds < daySeconds;
    const gridSeconds = isPieced ? longestSlope : grid.gridSeconds;
    const matchers = talk.source.select.brokers ?? '';
    const piece = expressionOf(scheme, figure, alternative, { matchers, gridSeconds, windowSeconds: gridSeconds });
    const expression = isPieced ? `avg_over_time((${piece})[${grid.gridSeconds - 1}s:${gridSeconds}s])` : piece;
    const answer = await queryRange(talk, expression, grid, question.brokers.length || 1);
    const incomplete = incompleteReason(answer);
    // Missing data is unknown, not zero.
    if (incomplete !== undefined) throw refused(talk, 'past traffic', incomplete);
    const { series } = seriesByTarget(
      answer.series,
      namingOf({ scheme, figure, alternative, present: [], scrapeSeconds: 0 }),
    );
    const own = ofCluster(series, question.cluster);
    if (own.some(({ values }) => values.some((value) => !Number.isNaN(value)))) {
      const query = sourceQuery(talk.source, expression, grid);
      return { series: own, countsRecords: alternative.countsRecords === true, query };
    }
  }
  return undefined;
}

/** @throws AppError usage if several clusters match */
function ofCluster(series: readonly TargetSeries[], wanted: string): readonly TargetSeries[] {
  const clusters = new Set(series.flatMap(({ cluster }) => cluster ?? []));
  if (clusters.has(wanted)) return series.filter(({ cluster }) => cluster === wanted);
  if (clusters.size < 2) return series;
  throw new AppError('usage', `the source has no cluster ${wanted}, and several others`, {
    hint: 'name it with nameInSource in service.clusters',
  });
}
