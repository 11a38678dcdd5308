// Reads the traffic of a past day by broker and hour from the monitoring system.

import { masterId } from '../../core/broker-kind/rocketmq.ts';
import type { NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { Grid } from '../../analyzer/evidence/sources/range-query.ts';
import { isSameAddress, withoutPort, type TargetSeries } from '../../analyzer/evidence/sources/targets.ts';
import type { Clock } from '../../core/clock.ts';
import type { Broker } from '../../core/cluster.ts';
import type { BrokerDay, DayAnswer, DayHour, RequestedDay } from '../../dashboards/web/cluster/day-view.ts';
import { dayAt, type LocalDay } from './local-day.ts';
import { rateAt, trafficReader, type PastTraffic, type TrafficQuestion, type TrafficReader } from './past-traffic.ts';
import { createSourceReads, type RequestedCluster } from './source-reads.ts';
import { defined } from '../../core/defined.ts';

const hourSeconds = 3600;
const daySeconds = 86_400;
/** How far back to look for the first day with data. */
const lookBackDays = 400;

export type Days = ReturnType<typeof createDays>;

/** Reads past days for pages, and caches them because they do not change. */
export function createDays(clock: Clock) {
  const ask = createSourceReads<DayAnswer>(clock);
  return {
    /** Never rejects: a failure is an answer. */
    async ask(served: RequestedCluster, day: LocalDay): Promise<RequestedDay> {
      const answer = await ask(served, {
        key: `${day.day}\0${day.zone}`,
        isPast: (read) => read.kind === 'answered' && read.isWhole,
        read: (question, io) => dayTraffic(question, day, io),
      });
      return { ...answer, day: day.day };
    },
  };
}

/**
 * Multiplies the rate over each hour by its length, which gives the increase of a counter across restarts. An hour
 * without scrapes is missing, not 0.
 *
 * @throws AppError prometheus-refused, credentials-refused; the signal's reason
 */
async function dayTraffic(
  question: TrafficQuestion,
  day: LocalDay,
  { schemes: all, clock, signal }: { schemes: readonly NamingScheme[]; clock: Clock; signal: AbortSignal },
): Promise<DayAnswer> {
  const { fromMs, toMs } = day;
  const nowMs = clock.now().getTime();
  const endMs = Math.floor(Math.min(toMs, nowMs) / 1000) * 1000;
  if (fromMs >= endMs) return { kind: 'ahead' };
  const reader = trafficReader(question, { schemes: all, clock, signal });
  const parts: DayPart[] = [];
  for (const grid of gridsOf(fromMs / 1000, endMs / 1000)) parts.push({ grid, ...(await reader.rates(grid)) });
  const known = parts.filter(({ produced, consumed }) => produced !== undefined || consumed !== undefined);
  if (known.length === 0) return { kind: 'no-data', ...(await seenWithin(reader, nowMs, day)) };
  return {
    kind: 'answered',
    from: new Date(fromMs).toISOString(),
    to: new Date(endMs).toISOString(),
    isWhole: toMs <= nowMs,
    hours: parts.flatMap(hoursOf),
    brokers: brokerDays(parts, question.brokers),
    queries: known[0]?.queries ?? [],
  };
}

type DayPart = PastTraffic & { grid: Grid };

/**
 * Returns whole hours, and the incomplete hour separately. MetricsQL divides by the time between samples and not by the
 * whole window, so a window of an hour that ends in the future would show the full rate; multiplied by an hour, it is
 * far too high.
 */
function gridsOf(from: number, end: number): Grid[] {
  const points = Math.floor((end - from) / hourSeconds);
  const rest = end - from - points * hourSeconds;
  return [
    ...(points > 0 ? [{ firstEnd: from + hourSeconds, gridSeconds: hourSeconds, points }] : []),
    ...(rest > 0 ? [{ firstEnd: end, gridSeconds: rest, points: 1 }] : []),
  ];
}

function hoursOf({ grid, produced, consumed }: DayPart): DayHour[] {
  return Array.from({ length: grid.points }, (_, index) => {
    const [put, got] = [produced, consumed].map((rates) => summedAt(rates?.series ?? [], index, grid));
    return {
      at: new Date((grid.firstEnd + (index - 1) * grid.gridSeconds) * 1000).toISOString(),
      ...defined({ produced: put, consumed: got }),
    };
  });
}

/** @returns undefined if the hour has no data */
function summedAt(
  series: readonly TargetSeries[],
  index: number,
  { gridSeconds }: Pick<Grid, 'gridSeconds'>,
): number | undefined {
  const rate = rateAt({ series }, index);
  return rate === undefined ? undefined : rate * gridSeconds;
}

function brokerDays(parts: readonly DayPart[], brokers: readonly Broker[]): BrokerDay[] {
  const days = new Map<string, BrokerDay>();
  const add = (key: 'produced' | 'consumed', series: readonly TargetSeries[], grid: Grid) => {
    for (const target of series) {
      const messages = summedOver(target, grid);
      if (messages === undefined) continue;
      const id = brokerNamed(target, brokers);
      const day: BrokerDay = days.get(id) ?? { id };
      day[key] = (day[key] ?? 0) + messages;
      days.set(id, day);
    }
  };
  for (const { grid, byBroker, handed } of parts) {
    add('produced', byBroker?.series ?? [], grid);
    add('consumed', handed?.series ?? [], grid);
  }
  return [...days.values()];
}

function brokerNamed({ name, addresses }: TargetSeries, brokers: readonly Broker[]): string {
  // RocketMQ's native metrics have the broker name without an id; the master has id 0.
  const own = [name, masterId(name)].find((each) => brokers.some(({ id }) => id === each));
  if (own !== undefined) return own;
  // Compares without ports, because an exporter on the broker's host has another port.
  const isAt = (address: string) =>
    addresses.some((other) => [address, withoutPort(address)].some((one) => isSameAddress(one.toLowerCase(), other)));
  const sharing = brokers.filter(({ address }) => isAt(address));
  return sharing.length === 1 ? (sharing[0]?.id ?? name) : name;
}

function summedOver(series: TargetSeries, grid: Grid): number | undefined {
  let sum: number | undefined;
  for (let index = 0; index < series.values.length; index++) {
    const messages = summedAt([series], index, grid);
    if (messages !== undefined) sum = (sum ?? 0) + messages;
  }
  return sum;
}

/**
 * Finds the last day with data before a day without, and the first after it. Days start at midnight in the reader's
 * time zone.
 */
async function seenWithin(
  reader: TrafficReader,
  nowMs: number,
  { fromMs, zone }: LocalDay,
): Promise<{ lastDay?: string; firstDay?: string }> {
  const midnightsOn = Math.ceil((nowMs - fromMs) / 1000 / daySeconds);
  const firstEnd = fromMs / 1000 + (midnightsOn - lookBackDays + 1) * daySeconds;
  const rates = await reader.produced({ firstEnd, gridSeconds: daySeconds, points: lookBackDays });
  const noons = Array.from({ length: lookBackDays }, (_, index) => index)
    .filter((index) => rates?.series.some(({ values }) => !Number.isNaN(values[index] ?? Number.NaN)))
    .map((index) => (firstEnd + (index - 0.5) * daySeconds) * 1000);
  const [last, first] = [noons.findLast((ms) => ms < fromMs), noons.find((ms) => ms > fromMs)];
  return {
    ...(last !== undefined && { lastDay: dayAt(last, zone) }),
    ...(first !== undefined && { firstDay: dayAt(first, zone) }),
  };
}
