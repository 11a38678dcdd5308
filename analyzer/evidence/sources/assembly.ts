// Assembles figures of any monitoring source into telemetry of a cluster; does no I/O.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { StatedHost } from './config.ts';
import { type FigureSeries, ofFigure, slotsOf } from './figure-series.ts';
import { hostSeriesOf } from './host-series.ts';
import type { FigureSource, GroupInterval, SourceTelemetry, TrafficInterval } from './telemetry.ts';
import { topologyEventsOf } from './topology-events.ts';
import { withoutSlaves } from '../../../core/broker-kind/rocketmq.ts';
import { brokerFigureNames, type BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import type { BrokerInterval, HostSeries, LoadTestRun, Span } from '../load-test-run.ts';
import { type FigureName, figureNames, figureOf } from './figures.ts';
import type { Gap } from './range-query.ts';
import type { TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import { isSameAddress } from './targets.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';
import { defined } from '../../../core/defined.ts';

interface ReadFigures {
  name: string;
  format: string;
  /** Seconds since the epoch. */
  span: { from: number; to: number };
  series: readonly FigureSeries[];
  stated: { hosts: Readonly<Record<string, StatedHost>>; brokers: Readonly<Record<string, { host: string }>> };
  inventory: readonly FigureSource[];
  findings: readonly Finding[];
  cost?: SourceTelemetry['cost'];
}

export function assembled(read: ReadFigures): SourceTelemetry {
  const { name, format, span, stated, inventory, cost } = read;
  const series = withoutControllers(read.series);
  const hosts = hostSeriesOf(series, stated.hosts);
  const unknownSpeeds = [...hosts.values()].flatMap(({ host, inventory: own }) => {
    const unknown = new Set(
      own?.networkDevices?.filter(({ speed }) => speed === undefined).map(({ device }) => device),
    );
    return (own?.links ?? [])
      .filter(({ device }) => unknown.has(device))
      .flatMap(({ device, reportedBitsPerSecond }) =>
        reportedBitsPerSecond === undefined
          ? []
          : [findingOf('source-speed-reported', { source: name, host, device, bitsPerSecond: reportedBitsPerSecond })],
      );
  });
  const haveSpeeds = [...hosts.values()].every(({ inventory: own }) =>
    own?.networkDevices?.every(({ speed }) => speed !== undefined),
  );
  const unanswered = inventory.filter(({ figure }) => figure !== 'linkBytesPerSecond' || !haveSpeeds);
  return {
    source: { name, format, flags: [] },
    startedAt: new Date(span.from * 1000).toISOString(),
    durationSeconds: span.to - span.from,
    environment: environmentOf(series, hosts, stated.brokers),
    hosts,
    brokers: brokerIntervalsOf(series),
    lag: lagOf(series),
    commits: commitsOf(series),
    underReplicated: underReplicatedOf(series),
    traffic: trafficOf(series),
    events: topologyEventsOf(series, span.from),
    findings: [...read.findings, ...unknownSpeeds, ...missingFindings(name, unanswered)],
    inventory,
    ...(cost && { cost }),
  };
}

/** Figures of BrokerFigures that a source may have. */
export const brokerSeriesFigures = new Set(figureNames).intersection(new Set(brokerFigureNames));
type BrokerSeriesFigure = FigureName & keyof BrokerFigures;

const isBrokerFigure = (figure: FigureName): figure is BrokerSeriesFigure =>
  brokerSeriesFigures.has(figure as BrokerSeriesFigure);

const shares = new Set<FigureName>(['requestHandlersBusy', 'networkProcessorsBusy', 'heapUsedRatio', 'gcPauseShare']);

/** Figures that a dedicated KRaft controller also has, because it serves requests like a broker. */
const serverFigures = new Set<FigureName>([
  'fetchRequestsPerSecond',
  'requestHandlersBusy',
  'networkProcessorsBusy',
  'requestQueueRequests',
  'connections',
]);

const brokerOnlyFigures = new Set<FigureName>(['leaders', 'underReplicatedPartitions', 'brokerAddress']);

/**
 * A controller leads nothing and stores no messages. Its message counter exists nevertheless, and stays 0: the
 * metadata log creates it (KafkaRaftLog, BrokerTopicMetrics).
 */
export function withoutControllers(all: readonly FigureSeries[]): readonly FigureSeries[] {
  const ofBrokers = all.filter(
    ({ figure, values }) =>
      (brokerOnlyFigures.has(figure) && values.some((value) => value >= 0)) ||
      (figure === 'messagesInPerSecond' && values.some((value) => value > 0)),
  );
  const brokers = new Set(ofBrokers.map(({ target }) => target));
  if (brokers.size === 0) return all;
  const others = all.filter(({ figure, target }) => serverFigures.has(figure) && !brokers.has(target));
  const controllers = new Set(others.map(({ target }) => target));
  return all.filter(({ figure, target }) => figureOf(figure).of !== 'broker' || !controllers.has(target));
}

export function brokerIntervalsOf(all: readonly FigureSeries[]): Map<string, BrokerInterval[]> {
  const brokers = Map.groupBy(
    all.filter(({ figure }) => isBrokerFigure(figure)),
    ({ target }) => target,
  );
  return new Map([...brokers].map(([broker, series]) => [broker, intervalsOf(series)]));
}

function intervalsOf(series: readonly FigureSeries[]): BrokerInterval[] {
  const intervals: BrokerInterval[] = [];
  for (const { from, to, known } of slotsOf(series)) {
    const figures: Partial<Record<BrokerSeriesFigure, number>> = {};
    for (const { figure, value } of known) {
      if (!isBrokerFigure(figure)) continue;
      // Rates of idle counters can exceed 1, because scrape times vary.
      figures[figure] = shares.has(figure) ? Math.min(1, Math.max(0, value)) : Math.max(0, value);
    }
    if (Object.keys(figures).length > 0) intervals.push({ from, to, ...figures });
  }
  return intervals.toSorted((a, b) => a.from - b.from);
}

/**
 * Broker counters of Kafka are exact: each message counts once. The sum is used only if every broker has them;
 * otherwise offsets are used, which transaction markers and compaction also change. A slave of RocketMQ counts its
 * copies (ReputMessageService).
 */
export function trafficOf(all: readonly FigureSeries[]): TrafficInterval[] {
  const brokers = all.flatMap(({ figure, target }) => (figureOf(figure).of === 'broker' ? [target] : []));
  const leading = new Set(withoutSlaves(brokers));
  const counted = ofFigure(all, 'messagesInPerSecond').filter(({ target }) => leading.has(target));
  const isSameGrid = new Set(counted.map(({ gridSeconds }) => gridSeconds)).size === 1;
  const isComplete = leading.isSubsetOf(new Set(counted.map(({ target }) => target)));
  const counts = isSameGrid && isComplete ? summed(counted) : [];
  const offsets = summed(ofFigure(all, 'offsetsPerSecond').slice(0, 1));
  const isExact =
    !counted.some(({ countsRecords }) => countsRecords) || secondsOf(offsets) < leastOffsets * secondsOf(counts);
  const sums = isExact ? counts : [];
  return [...sums, ...between(sums, offsets)]
    .toSorted((a, b) => a.from - b.from)
    .map(({ to, from, value }) => ({ from, to, messagesPerSecond: value }));
}

/**
 * Counters of all records count some messages twice, so they are used only if offsets cover less than this share of
 * their time.
 */
const leastOffsets = 0.25;

const secondsOf = (spans: readonly Span[]) => spans.reduce((sum, { from, to }) => sum + to - from, 0);

/** @returns the spans of `others` that overlap none of `known`; both in time order */
function between<T extends Span>(known: readonly T[], others: readonly T[]): T[] {
  let next = 0;
  return others.filter(({ from, to }) => {
    while ((known[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next++;
    return (known[next]?.from ?? Number.POSITIVE_INFINITY) >= to;
  });
}

export function lagOf(all: readonly FigureSeries[]): LoadTestRun['lag'] {
  return ofFigure(all, 'groupLag')
    .flatMap((series) =>
      summed([series]).map(({ to, value }) => ({ elapsedSeconds: to, group: series.target, messages: value })),
    )
    .toSorted((a, b) => a.elapsedSeconds - b.elapsedSeconds);
}

/** A decrease means that the offset was reset, and is not a rate. */
export function commitsOf(all: readonly FigureSeries[]): GroupInterval[] {
  return ofFigure(all, 'groupCommitsPerSecond').flatMap(({ target: group, values, firstEnd, gridSeconds }) =>
    [...values.entries()].flatMap(([index, value]): GroupInterval[] => {
      const to = firstEnd + index * gridSeconds;
      return value >= 0 ? [{ from: to - gridSeconds, to, group, messagesPerSecond: value }] : [];
    }),
  );
}

export function underReplicatedOf(all: readonly FigureSeries[]): LoadTestRun['underReplicated'] {
  const whole = ofFigure(all, 'underReplicated').slice(0, 1);
  const parts = whole.length > 0 ? whole : ofFigure(all, 'underReplicatedPartitions');
  return summed(parts).map(({ to, value }) => ({ elapsedSeconds: to, partitions: Math.round(value) }));
}

/** @returns the sum for each interval in which every series has a value */
function summed(series: readonly FigureSeries[]): { from: number; to: number; value: number }[] {
  const [first] = series;
  if (first === undefined) return [];
  const sums: { from: number; to: number; value: number }[] = [];
  for (let index = 0; index < first.values.length; index++) {
    const value = series.reduce((sum, { values }) => sum + (values[index] ?? Number.NaN), 0);
    const to = first.firstEnd + index * first.gridSeconds;
    if (!Number.isNaN(value)) sums.push({ from: to - first.gridSeconds, to, value: Math.max(0, value) });
  }
  return sums;
}

export function gapFinding(source: string, what: string, { from, to, reason }: Gap, span: Span): Finding {
  const windowSeconds = span.to - span.from;
  return findingOf('source-gap', { source, what, fromSeconds: from, toSeconds: to, reason, windowSeconds });
}

/** One finding per layer whose limits stay unknown. */
export function missingFindings(source: string, inventory: readonly FigureSource[]): Finding[] {
  return inventory.flatMap((each): Finding[] => {
    if (!each.isNeeded) return [];
    const what = { source, what: each.figure, of: each.of };
    if (each.kind === 'missing') return [findingOf('source-missing', { ...what, triedMetrics: each.triedMetrics })];
    const { targets, missingFor } = each;
    if (missingFor.length === 0) return [];
    const share = targets.length / (targets.length + missingFor.length);
    return [findingOf('source-missing', { ...what, share, missingFor })];
  });
}

/** A broker without an address uses its name as the address. */
export function environmentOf(
  all: readonly FigureSeries[],
  hosts: ReadonlyMap<string, HostSeries>,
  stated: Readonly<Record<string, { host: string }>>,
): TelemetryEnvironment {
  const brokers = Map.groupBy(
    all.filter(({ figure }) => figureOf(figure).of === 'broker'),
    ({ target }) => target,
  );
  return {
    hosts: [...hosts.values()].flatMap(({ inventory }) => inventory ?? []),
    brokers: [...brokers]
      .toSorted(([a], [b]) => naturalOrder(a, b))
      .map(([id, series]) => {
        const addresses = [...new Set(series.flatMap((each) => each.addresses))];
        const reportedHosts = series.filter(({ figure }) => figure === 'brokerHost').flatMap((each) => each.addresses);
        const host = stated[id]?.host ?? hostWith(reportedHosts, hosts) ?? hostWith(addresses, hosts);
        return defined({ id, address: addresses.find((each) => /:\d+$/.test(each)) ?? addresses[0] ?? id, host });
      }),
  };
}

function hostWith(addresses: readonly string[], hosts: ReadonlyMap<string, HostSeries>): string | undefined {
  const found = [...hosts.values()].filter(({ host, inventory }) => {
    const own = [host.toLowerCase(), ...(inventory?.addresses ?? [])];
    return addresses.some((address) => own.some((each) => isSameAddress(each, address)));
  });
  return found.length === 1 ? found[0]?.host : undefined;
}
