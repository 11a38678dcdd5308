// Reads the traffic of a past day by broker and hour from the monitoring system.

import type { NamingScheme } from '../../analyzer/evidence/sources/naming-schemes.ts';
import type { Grid } from '../../analyzer/evidence/sources/range-query.ts';
import { isSameAddress, withoutPort, type TargetSeries } from '../../analyzer/evidence/sources/targets.ts';
import type { Clock } from '../../core/clock.ts';
import type { Broker } from '../../core/cluster.ts';
import type { BrokerDay, DayAnswer } from '../../dashboards/web/cluster/day-view.ts';
import { dayAt, type LocalDay } from './local-day.ts';
import { rateAt, trafficReader, type TrafficQuestion, type TrafficReader } from './past-traffic.ts';

const hourSeconds = 3600;
const daySeconds = 86_400;
/** How far back the first day with data is looked for. */
const lookBackDays = 400;

/**
 * Rates over each hour times its length: the increase of a counter, across restarts. An hour without scrapes
 * is missing and not 0.
 *
 * @throws AppError prometheus-refused, credentials-refused; the signal's reason
 */
export async function dayTraffic(
  question: TrafficQuestion,
  day: LocalDay,
  { schemes: all, clock, signal }: { schemes: readonly NamingScheme[]; clock: Clock; signal: AbortSignal },
): Promise<DayAnswer> {
  const { fromMs, toMs } = day;
  const nowMs = clock.now().getTime();
  if (fromMs > nowMs) return { kind: 'ahead' };
  const points = Math.max(1, Math.ceil((Math.min(toMs, nowMs) - fromMs) / 1000 / hourSeconds));
  const grid: Grid = { firstEnd: fromMs / 1000 + hourSeconds, gridSeconds: hourSeconds, points };
  const reader = trafficReader(question, { schemes: all, clock, signal });
  const { produced, byBroker, handed, consumed, queries } = await reader.rates(grid);
  if (produced === undefined && consumed === undefined) {
    return { kind: 'no-data', ...(await seenWithin(reader, nowMs, day)) };
  }
  const first = produced?.series ?? [];
  const hours = Array.from({ length: points }, (_, index) => {
    const [put, got] = [summedAt(first, index), summedAt(consumed?.series ?? [], index)];
    return {
      at: new Date(fromMs + index * hourSeconds * 1000).toISOString(),
      ...(put !== undefined && { produced: put }),
      ...(got !== undefined && { consumed: got }),
    };
  });
  return {
    kind: 'answered',
    from: new Date(fromMs).toISOString(),
    to: new Date(Math.min(toMs, nowMs)).toISOString(),
    isWhole: toMs <= nowMs,
    hours,
    brokers: brokerDays(byBroker ? first : [], handed?.series ?? [], question.brokers),
    queries,
  };
}

/** @returns undefined where the hour has no data */
function summedAt(series: readonly TargetSeries[], index: number): number | undefined {
  const rate = rateAt({ series }, index);
  return rate === undefined ? undefined : rate * hourSeconds;
}

function brokerDays(
  produced: readonly TargetSeries[],
  consumed: readonly TargetSeries[],
  brokers: readonly Broker[],
): BrokerDay[] {
  const days = new Map<string, BrokerDay>();
  for (const [key, series] of [
    ['produced', produced],
    ['consumed', consumed],
  ] as const) {
    for (const target of series) {
      const messages = wholeDay(target);
      if (messages === undefined) continue;
      const id = brokerNamed(target, brokers);
      const day: BrokerDay = days.get(id) ?? { id };
      day[key] = messages;
      days.set(id, day);
    }
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
