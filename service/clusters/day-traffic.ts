// Reads the traffic of a past day by broker and hour from the monitoring system.

import { withClusterSelected } from '../../analyzer/evidence/sources/cluster-in-select.ts';
import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import { expressionOf } from '../../analyzer/evidence/sources/expression.ts';
import type { FigureName } from '../../analyzer/evidence/sources/figures.ts';
import type { Alternative, NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import { queryRange, refused, type Conversation, type Grid } from '../../analyzer/evidence/sources/range-query.ts';
import { namingOf } from '../../analyzer/evidence/sources/selection.ts';
import {
  isSameAddress,
  seriesByTarget,
  withoutPort,
  type TargetSeries,
} from '../../analyzer/evidence/sources/targets.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import type { Clock } from '../../core/clock.ts';
import type { Broker, BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import type { SourceQuery } from '../../dashboards/web/chart-tools.ts';
import type { BrokerDay, DayAnswer } from '../../dashboards/web/cluster/day-view.ts';
import { graphUrl } from './graph-url.ts';
import { dayAt, type LocalDay } from './local-day.ts';

export interface DayQuestion {
  source: PrometheusTelemetry;
  /** For people. */
  name: string;
  /** As the source calls it. */
  cluster: string;
  broker: BrokerKind;
  /** That are there now: what they are called, and where. */
  brokers: readonly Broker[];
}

const hourSeconds = 3600;
const daySeconds = 86_400;
/** How far back the first day with data is looked for. */
const lookBackDays = 400;

const schemesOf = {
  kafka: ['plimsoll-kafka', 'jmx-exporter', 'kafka-exporter'],
  rocketmq: ['plimsoll-rocketmq', 'rocketmq-native', 'rocketmq-exporter'],
} satisfies ByKind<string[]>;

/** Messages delivered to consumers, which no analysis needs: Kafka brokers do not count them. */
const handedOut: Readonly<Record<string, Alternative>> = {
  'plimsoll-rocketmq': {
    metrics: ['rocketmq_broker_get_messages_total'],
    expression: 'sum by ($by) (rate(rocketmq_broker_get_messages_total{$match}[$window]))',
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

/**
 * Rates over each hour times its length: the increase of a counter, across restarts. An hour without scrapes
 * is missing and not 0.
 *
 * @throws AppError prometheus-refused, credentials-refused; the signal's reason
 */
export async function dayTraffic(
  question: DayQuestion,
  day: LocalDay,
  { schemes: all, clock, signal }: { schemes: readonly NamingScheme[]; clock: Clock; signal: AbortSignal },
): Promise<DayAnswer> {
  const { fromMs, toMs } = day;
  const nowMs = clock.now().getTime();
  if (fromMs > nowMs) return { kind: 'ahead' };
  const talk: Conversation = {
    source: withClusterSelected(question.source, question.cluster),
    name: question.name,
    clock,
    signal,
    requests: 0,
    wireBytes: 0,
    failedInARow: 0,
    attempts: 1,
  };
  const schemes = all.filter(({ scheme }) => (schemesOf[question.broker] as readonly string[]).includes(scheme));
  const points = Math.max(1, Math.ceil((Math.min(toMs, nowMs) - fromMs) / 1000 / hourSeconds));
  const grid: Grid = { firstEnd: fromMs / 1000 + hourSeconds, gridSeconds: hourSeconds, points };
  const ask = async (spellings: readonly Spelling[]) => firstTold(talk, spellings, grid, question);

  const byBroker = await ask(spellingsOf(schemes, 'messagesInPerSecond'));
  const produced = byBroker ?? (await ask(spellingsOf(schemes, 'offsetsPerSecond')));
  const handed = await ask(handedOutOf(schemes));
  const consumed = handed ?? (await ask(spellingsOf(schemes, 'groupCommitsPerSecond')));
  const queries = [produced?.query, consumed?.query].filter((each) => each !== undefined);
  if (produced === undefined && consumed === undefined) {
    return { kind: 'no-data', ...(await seenWithin(talk, schemes, nowMs, day, question)) };
  }
  // A slave of RocketMQ counts the copies it takes.
  const first = produced?.series.filter(({ name }) => byBroker === undefined || !/:[1-9]\d*$/.test(name)) ?? [];
  const hours = Array.from({ length: points }, (_, index) => {
    const [put, got] = [summedAt(first, index), summedAt(consumed?.series ?? [], index)];
    return {
      at: new Date(fromMs + index * hourSeconds * 1000).toISOString(),
      ...(put !== undefined && { produced: put }),
      ...(got !== undefined && { consumed: got }),
    };
  });
  return {
    kind: 'told',
    from: new Date(fromMs).toISOString(),
    to: new Date(Math.min(toMs, nowMs)).toISOString(),
    isWhole: toMs <= nowMs,
    hours,
    brokers: brokerDays(byBroker === undefined ? [] : first, handed?.series ?? [], question.brokers),
    queries,
  };
}

const spellingsOf = (schemes: readonly NamingScheme[], figure: FigureName): Spelling[] =>
  schemes.flatMap((scheme) =>
    (scheme.figures[figure] ?? [])
      // Neither means over a last minute nor what may be one count over a day.
      .filter(({ flattened, perMinuteOf }) => flattened !== true && perMinuteOf === undefined)
      .map((alternative) => ({ scheme, figure, alternative })),
  );

const handedOutOf = (schemes: readonly NamingScheme[]): Spelling[] =>
  schemes.flatMap((scheme) => {
    const alternative = handedOut[scheme.scheme];
    return alternative === undefined ? [] : [{ scheme, figure: 'messagesInPerSecond' as const, alternative }];
  });

interface Told {
  series: readonly TargetSeries[];
  query: SourceQuery;
}

/** Of several spellings the first that has anything of this cluster. */
async function firstTold(
  talk: Conversation,
  spellings: readonly Spelling[],
  grid: Grid,
  question: DayQuestion,
): Promise<Told | undefined> {
  for (const { scheme, figure, alternative } of spellings) {
    const expression = expressionOf(scheme, figure, alternative, {
      matchers: talk.source.select.brokers ?? '',
      gridSeconds: grid.gridSeconds,
      windowSeconds: grid.gridSeconds,
    });
    const answer = await queryRange(talk, expression, grid, question.brokers.length || 1);
    const [gap] = answer.gaps;
    // What was not answered is not known to be nothing.
    if (gap !== undefined) throw refused(talk, 'a day', gap.reason);
    const { series } = seriesByTarget(
      answer.series,
      namingOf({ scheme, figure, alternative, present: [], scrapeSeconds: 0 }),
    );
    const own = ofCluster(series, question.cluster);
    if (own.some(({ values }) => values.some((value) => !Number.isNaN(value)))) {
      const url = graphUrl(talk.source, expression, grid);
      return { series: own, query: { expression, ...(url !== undefined && { url }) } };
    }
  }
  return undefined;
}

/** @throws AppError usage where several clusters match */
function ofCluster(series: readonly TargetSeries[], wanted: string): readonly TargetSeries[] {
  const told = new Set(series.flatMap(({ cluster }) => cluster ?? []));
  if (told.has(wanted)) return series.filter(({ cluster }) => cluster === wanted);
  if (told.size < 2) return series;
  throw new AppError('usage', `the source holds no cluster ${wanted}, and several others`, {
    hint: 'name it with nameInSource in service.clusters',
  });
}

/** @returns undefined where the hour has no data */
function summedAt(series: readonly TargetSeries[], index: number): number | undefined {
  const known = series.map(({ values }) => values[index] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  return known.reduce((sum, value) => sum + Math.max(0, value) * hourSeconds, 0);
}

function brokerDays(
  produced: readonly TargetSeries[],
  consumed: readonly TargetSeries[],
  brokers: readonly Broker[],
): BrokerDay[] {
  const days = new Map<string, BrokerDay>();
  const dayOf = (target: TargetSeries) => {
    const id = brokerNamed(target, brokers);
    const day = days.get(id) ?? { id };
    days.set(id, day);
    return day;
  };
  for (const target of produced) {
    const messages = wholeDay(target);
    if (messages !== undefined) dayOf(target).produced = messages;
  }
  for (const target of consumed) {
    const messages = wholeDay(target);
    if (messages !== undefined) dayOf(target).consumed = messages;
  }
  return [...days.values()];
}

function brokerNamed({ name, addresses }: TargetSeries, brokers: readonly Broker[]): string {
  if (brokers.some(({ id }) => id === name)) return name;
  // An exporter beside a broker has another port.
  const isAt = (address: string) =>
    addresses.some((other) => [address, withoutPort(address)].some((one) => isSameAddress(one.toLowerCase(), other)));
  const sharing = brokers.filter(({ address }) => isAt(address));
  return sharing.length === 1 ? (sharing[0]?.id ?? name) : name;
}

function wholeDay(series: TargetSeries): number | undefined {
  let sum: number | undefined;
  for (let index = 0; index < series.values.length; index++) {
    const messages = summedAt([series], index);
    if (messages !== undefined) sum = (sum ?? 0) + messages;
  }
  return sum;
}

/** Of a day without data: the last with some before, and the first after. Days are cut at the midnights of the reader. */
async function seenWithin(
  talk: Conversation,
  schemes: readonly NamingScheme[],
  nowMs: number,
  { fromMs, zone }: LocalDay,
  question: DayQuestion,
): Promise<{ lastDay?: string; firstDay?: string }> {
  const midnightsOn = Math.ceil((nowMs - fromMs) / 1000 / daySeconds);
  const firstEnd = fromMs / 1000 + (midnightsOn - lookBackDays + 1) * daySeconds;
  const grid: Grid = { firstEnd, gridSeconds: daySeconds, points: lookBackDays };
  const told =
    (await firstTold(talk, spellingsOf(schemes, 'messagesInPerSecond'), grid, question)) ??
    (await firstTold(talk, spellingsOf(schemes, 'offsetsPerSecond'), grid, question));
  const noons = Array.from({ length: lookBackDays }, (_, index) => index)
    .filter((index) => told?.series.some(({ values }) => !Number.isNaN(values[index] ?? Number.NaN)))
    .map((index) => (firstEnd + (index - 0.5) * daySeconds) * 1000);
  const [last, first] = [noons.findLast((ms) => ms < fromMs), noons.find((ms) => ms > fromMs)];
  return {
    ...(last !== undefined && { lastDay: dayAt(last, zone) }),
    ...(first !== undefined && { firstDay: dayAt(first, zone) }),
  };
}
