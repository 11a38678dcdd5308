// Converts the response of GetMetricData to telemetry: rates, shares of limits, and whole periods as intervals.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { AppError } from '../../../core/errors.ts';
import { assembled } from './assembly.ts';
import { cloudWatchNames, type CloudWatchTarget, type MetricDataQuery, targetOf } from './cloudwatch-queries.ts';
import type { CloudWatchApi, CloudWatchExport, CloudWatchTargets, VolumeLimits } from './config.ts';
import type { FigureName } from './figures.ts';
import { type FigureItem, itemFigures, itemInventory, type ItemValue } from './item-figures.ts';
import type { SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import type { Span } from '../load-test-run.ts';

/** Start of a period in seconds since the epoch, and the value in CloudWatch. */
export type Datapoint = readonly [startSeconds: number, value: number];

interface ReadMetrics {
  name: string;
  source: CloudWatchApi | CloudWatchExport;
  queries: readonly MetricDataQuery[];
  /** `points` by Id of the query, in any order; `warnings`: remarks of the API. */
  read: { points: ReadonlyMap<string, readonly Datapoint[]>; warnings: readonly string[] };
}

const partsOf: Partial<Record<FigureName, readonly string[]>> = {
  busyCores: ['cpuUtil', 'cpuIdle'],
  memoryTotalBytes: ['memoryUsedBytes', 'memoryFree', 'memoryBuffered', 'memoryCached'],
  diskBusy: ['idleSeconds', 'readOps', 'writeOps', 'readBytes', 'diskWriteBytes'],
};

/** Facts from the config, which have no metric. */
const facts: Partial<Record<FigureName, string>> = {
  cores: '`cores` of the config',
  linkBytesPerSecond: '`speed` of the config',
};

function metricsOf(figure: FigureName): string[] {
  const fact = facts[figure];
  if (fact !== undefined) return [fact];
  const wanted = partsOf[figure] ?? [figure];
  const found = Object.values(cloudWatchNames().metrics).flatMap((some) =>
    some.filter(({ is }) => wanted.includes(is)),
  );
  return [...new Set(found.map(({ metric }) => metric))];
}

interface TargetPoints extends CloudWatchTarget {
  requestedSeconds: number;
  points: readonly Datapoint[];
}

interface TargetSeries extends CloudWatchTarget {
  periodSeconds: number;
  values: ItemValue[];
}

/** @throws AppError source-empty */
export function cloudWatchTelemetry(
  { name, source, queries, read }: ReadMetrics,
  window: TelemetryWindow,
): SourceTelemetry {
  const span = { from: window.from.getTime() / 1000, to: window.to.getTime() / 1000 };
  const warnings = new Set(read.warnings);
  const found = queries.flatMap((query): TargetPoints[] => {
    const target = targetOf(query, source);
    const known = read.points.get(query.Id) ?? [];
    if (target === undefined || known.length === 0) return [];
    return [{ ...target, requestedSeconds: query.MetricStat?.Period ?? 0, points: known }];
  });
  const all = [...Map.groupBy(found, ({ name: of, volume = '' }) => `${of} ${volume}`).values()].flatMap((members) => {
    const periodSeconds = periodOf(members);
    if (periodSeconds !== undefined) return members.map((each) => seriesOf(each, periodSeconds));
    warnings.add(`one time of ${members[0]?.volume ?? members[0]?.name}, so the period of its values is unknown`);
    return [];
  });
  const { items, values } = itemsOf(all, source);
  const { series, findings } = itemFigures({ name, system: 'CloudWatch' }, items, values, {
    ...span,
    stepSeconds: window.stepSeconds,
  });
  if (series.every(({ figure }) => figure === 'cores')) {
    throw new AppError(
      'source-empty',
      `${name} has no whole period of a known metric from ${window.from.toISOString()} to ${window.to.toISOString()}`,
      {
        hint: 'check the times, the region and the ids under `hosts` and `msk`; values of EC2 cover 5 minutes unless detailed monitoring is on',
      },
    );
  }
  return assembled({
    name,
    format: source.kind,
    span,
    series,
    stated: source,
    inventory: itemInventory(series, {
      scheme: 'cloudwatch',
      citation: cloudWatchNames().citation,
      tried: metricsOf,
    }),
    findings: [
      ...findings,
      findingOf('source-without-framing', { source: name, scheme: 'CloudWatch' }),
      ...[...warnings].map((warning) => findingOf('source-warning', { source: name, warning })),
      ...all.flatMap((each) => [...burstFinding(name, each, span), ...creditFinding(name, each, span)]),
    ],
  });
}

/**
 * For a query with a period of 60 s, an instance without detailed monitoring returns one value per 5 minutes, which
 * covers all of them. The shortest distance between values of a target shows this; missing values only lengthen
 * distances.
 */
function periodOf(members: readonly TargetPoints[]): number | undefined {
  const requested = Math.max(...members.map(({ requestedSeconds }) => requestedSeconds));
  if (requested >= basicMonitoringSeconds) return requested;
  const distances = members.flatMap(({ points }) => {
    const starts = [...new Set(points.map(([start]) => start))].toSorted((a, b) => a - b);
    return starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
  });
  return distances.length === 0
    ? undefined
    : distances.reduce((least, each) => Math.max(requested, Math.min(least, each)), Infinity);
}

const basicMonitoringSeconds = 300;

function seriesOf({ points, ...target }: TargetPoints, periodSeconds: number): TargetSeries {
  const { perSecond, scale } = target.metric;
  const divisor = perSecond === true ? periodSeconds : 1;
  const values = [...new Map(points)]
    .filter(([, value]) => Number.isFinite(value))
    .toSorted(([a], [b]) => a - b)
    .map(([start, value]) => ({ clock: start + periodSeconds, value: (value * scale) / divisor }));
  return { ...target, periodSeconds, values };
}

function itemsOf(all: readonly TargetSeries[], { hosts, msk }: CloudWatchTargets) {
  const items: FigureItem[] = [];
  const values = new Map<string, readonly ItemValue[]>();
  function add(is: string, key: string, { name, volume, periodSeconds }: TargetSeries, some: readonly ItemValue[]) {
    const itemid = [name, volume ?? '', is].join(' ');
    if (some.length === 0) return;
    values.set(itemid, some);
    const device =
      is.startsWith('network') && is.endsWith('PerSecond')
        ? 'eni'
        : is.startsWith('disk')
          ? (volume ?? 'ebs')
          : undefined;
    const item = { itemid, host: name, key };
    items.push({ item, is, scale: 1, isConstant: false, periodSeconds, ...(device !== undefined && { device }) });
  }
  for (const members of Map.groupBy(all, ({ name, volume = '' }) => `${name} ${volume}`).values()) {
    const [first] = members as [TargetSeries];
    for (const [is, same] of Map.groupBy(members, ({ metric }) => metric.is)) {
      // A group has one series per topic.
      const total = combined(
        same.map((each) => each.values),
        (some) => some.reduce((sum, each) => sum + each, 0),
      );
      add(is, same[0]?.metric.metric ?? is, first, total);
    }
    const parts = new Map(members.map(({ metric, values: some }) => [metric.is, some]));
    const limits = first.volume === undefined ? (msk?.volume ?? {}) : (hosts[first.name]?.volumes[first.volume] ?? {});
    const hasLimits = limits.iops !== undefined || limits.throughput !== undefined;
    add('diskBusy', hasLimits ? 'share of the provisioned limits' : 'VolumeIdleTime', first, diskBusy(parts, limits));
    add('diskWriteAwait', 'VolumeTotalWriteTime', first, writeAwait(parts));
    add('memoryTotalBytes', 'MemoryUsed and the rest', first, memoryTotal(parts));
  }
  for (const name of new Set(all.map((each) => each.name))) {
    const cores = hosts[name]?.cores ?? (msk?.brokers.map(String).includes(name) === true ? msk.cores : undefined);
    if (cores === undefined) continue;
    const item = { itemid: `${name} cores`, host: name, key: 'cores of the config', lastValue: cores };
    items.push({ item, is: 'cores', scale: 1, isConstant: true });
  }
  return { items, values };
}

/** Below this share, no burst capacity is left. */
const spent = 0.01;

function burstFinding(source: string, { metric, name, volume, values }: TargetSeries, { from, to }: Span): Finding[] {
  if (metric.is !== 'burstBalance') return [];
  const first = values.find(({ clock, value }) => clock > from && clock <= to && value < spent);
  if (first === undefined) return [];
  return [findingOf('source-burst-spent', { source, host: name, volume: volume ?? 'ebs', atSeconds: first.clock })];
}

/** Only burstable instances have CPU credits. */
function creditFinding(source: string, { metric, name, values }: TargetSeries, { from, to }: Span): Finding[] {
  if (metric.is !== 'cpuCredits') return [];
  const balances = values.filter(({ clock }) => clock > from && clock <= to).map(({ value }) => value);
  if (balances.length === 0) return [];
  return [findingOf('source-burstable-cpu', { source, host: name, leastCredits: Math.min(...balances) })];
}

type Values = readonly ItemValue[];
/** The values of one target by part, in time order. */
type Parts = ReadonlyMap<string, Values>;

/**
 * With a provisioned limit, the busy share is the use of that limit, since a volume serves many operations in parallel
 * and is busy long before it is saturated. Without a limit, it is the share of time with operations, the only figure in
 * CloudWatch.
 */
function diskBusy(parts: Parts, { iops, throughput }: VolumeLimits): Values {
  const [reads, writes] = [parts.get('readOps'), parts.get('writeOps')];
  const [readBytes, writtenBytes] = [parts.get('readBytes'), parts.get('diskWriteBytes')];
  const byOperations = iops === undefined ? [] : combined([reads, writes], ([a, b]) => (a + b) / iops);
  const byBytes = throughput === undefined ? [] : combined([readBytes, writtenBytes], ([a, b]) => (a + b) / throughput);
  if (iops !== undefined && throughput !== undefined) {
    return combined([byOperations, byBytes], ([a, b]) => Math.min(1, Math.max(a, b)));
  }
  if (iops !== undefined || throughput !== undefined) {
    return [...byOperations, ...byBytes].map(({ clock, value }) => ({ clock, value: Math.min(1, value) }));
  }
  return combined([parts.get('idleSeconds')], ([idle]) => Math.min(1, Math.max(0, 1 - idle)));
}

/** Mean seconds per write; absent if nothing was written. */
const writeAwait = (parts: Parts): Values =>
  combined([parts.get('writeSeconds'), parts.get('writeOps')], ([spent, writes]) =>
    writes > 0 ? spent / writes : Number.NaN,
  ).filter(({ value }) => !Number.isNaN(value));

const memoryTotal = (parts: Parts): Values =>
  combined(
    ['memoryUsedBytes', 'memoryFree', 'memoryBuffered', 'memoryCached'].map((part) => parts.get(part)),
    (all) => all.reduce((sum, value) => sum + value, 0),
  );

/** Only for times at which every part has a value, because a sum without one part would be too low. */
function combined(
  parts: readonly (Values | undefined)[],
  of: (values: [number, number, ...number[]]) => number,
): ItemValue[] {
  const [first, ...others] = parts;
  if (first === undefined || others.some((each) => each === undefined)) return [];
  const rest = others.map((each) => new Map(each?.map(({ clock, value }) => [clock, value])));
  return first.flatMap(({ clock, value }) => {
    const found = rest.map((each) => each.get(clock));
    if (found.some((each) => each === undefined)) return [];
    return [{ clock, value: of([value, ...(found as number[])] as [number, number, ...number[]]) }];
  });
}
