// Selects the recorded readings that a page draws.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { HistoryEntryKind } from '../../core/documents/history-entry.ts';
import { type ReadingsRange, readingsLevels } from '../../core/readings-range.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { readRange } from '../../dashboards/web/readings/range-picker.ts';
import {
  slotsOf,
  type ReadingsChart,
  type ReadingsContent,
  type SlotValues,
} from '../../dashboards/web/readings/readings-view.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServiceParts } from '../parts.ts';
import type { PastReadings } from './past-readings.ts';
import { bytesOf, lineOf, namedChart, type ReadingsQuery, type Kept, mostLines } from './readings-lines.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';

const mostMarks = 50;
const markedKinds: readonly HistoryEntryKind[] = ['verdict', 'test', 'operation', 'change'];

/** Content without the events of the cluster. */
type DrawnReadings = Omit<ReadingsContent, 'marks' | 'alerts'>;

/** For a younger record, a range of six hours would be mostly empty. */
const youngMs = 2 * 3_600_000;

/** @param chosen range in the address; otherwise the shortest range that contains most recorded readings, up to six hours */
export function readingsQuery(kept: Kept, chosen: ReadingsRange | undefined, nowMs: number): ReadingsQuery {
  const [first] = kept?.points({ of: 'cluster', name: '', figure: 'brokersExpected' }, '24h', nowMs) ?? [];
  const isYoung = first === undefined || nowMs - first.atMs < youngMs;
  return {
    range: chosen ?? (isYoung ? '1h' : '6h'),
    nowMs,
    ...(first && { recordedSince: new Date(first.atMs).toISOString() }),
  };
}

type ReadingsParts = Pick<ServiceParts, 'readings' | 'policy'> & {
  history: Pick<HistoryReader, 'entries'>;
  alerts: Pick<ServiceParts['alerts'], 'of'>;
};

/** Returns load, broker resources and group lag, with the history entries of the range. */
export function clusterReadings(
  { cluster, safeMaxTps }: Pick<ClusterStatus, 'cluster' | 'safeMaxTps'>,
  analysis: Pick<Analysis, 'saturationTps'> | undefined,
  query: ReadingsQuery | PastReadings,
  { readings, policy, history, alerts }: ReadingsParts,
): ReadingsContent {
  const kept = readings.of(cluster);
  const drawn = 'charts' in query ? query : { ...query, charts: recordedCharts(kept, query, policy) };
  return {
    ...drawn,
    charts: drawn.charts.map((chart) =>
      chart.of === 'load' ? { ...chart, limits: loadLimits(safeMaxTps, analysis) } : chart,
    ),
    ...eventsOf(cluster, query, { history, alerts }),
  };
}

function recordedCharts(kept: Kept, query: ReadingsQuery, policy: Policy): ReadingsChart[] {
  const [produced, consumed] = ratesCharts(kept, { of: 'cluster', name: '' }, query);
  const brokers = kept?.names('broker').toSorted(naturalOrder) ?? [];
  return [
    produced,
    ...filled([topicsChart(kept, query), consumed]),
    ...resourceCharts(kept, brokers, query, policy),
    ...filled([namedChart(kept, 'lag-seconds', kept?.names('group') ?? [], query)]),
  ];
}

export function topicReadings(kept: Kept, name: string, query: ReadingsQuery): DrawnReadings {
  const [produced, consumed] = ratesCharts(kept, { of: 'topic', name }, query);
  return { ...query, charts: [produced, ...filled([consumed])] };
}

export function groupReadings(kept: Kept, name: string, query: ReadingsQuery): DrawnReadings {
  const charts = (['lag-seconds', 'lag-messages', 'consume'] as const).map((of) => namedChart(kept, of, [name], query));
  const known = filled(charts);
  return { ...query, charts: known.length === 0 ? charts.slice(0, 1) : known };
}

/** Parts needed for the charts of a topic, group or broker page. */
export type RecentParts = Pick<ServiceParts, 'readings' | 'clock' | 'history' | 'alerts'>;

/** Returns the charts of one page for the range in its address, with the events of the cluster. */
export function recentReadings(
  cluster: string,
  { query: chosen }: Pick<View, 'query'>,
  { readings, clock, ...parts }: RecentParts,
  draw: (kept: Kept, query: ReadingsQuery) => DrawnReadings,
): ReadingsContent {
  const kept = readings.of(cluster);
  const query = readingsQuery(kept, readRange(chosen), clock.now().getTime());
  return { ...draw(kept, query), ...eventsOf(cluster, query, parts) };
}

/** @param receives whether producers send to the broker: a slave has no chart of produced messages */
export function brokerReadings(
  kept: Kept,
  { id, receives }: { id: string; receives: boolean },
  query: ReadingsQuery,
  policy: Policy,
): DrawnReadings {
  const produced = receives ? [namedChart(kept, 'produce', [id], query)] : [];
  return { ...query, charts: [...produced, ...resourceCharts(kept, [id], query, policy)] };
}

const filled = (charts: readonly ReadingsChart[]) => charts.filter(({ lines }) => lines.length > 0);

/** Separate charts, because the limits of a cluster apply only to produced messages. */
function ratesCharts(kept: Kept, part: { of: 'cluster' | 'topic'; name: string }, query: ReadingsQuery) {
  const chart = (of: 'load' | 'consumed', figure: 'produceTps' | 'consumeTps'): ReadingsChart => ({
    of,
    unit: 'rate',
    lines: lineOf('subject', kept, { ...part, figure }, query),
    limits: [],
    notDrawn: 0,
  });
  return [chart('load', 'produceTps'), chart('consumed', 'consumeTps')] as const;
}

/** For network cards of unknown speed, bytes replace the ratio, without a limit. */
function resourceCharts(
  kept: Kept,
  brokers: readonly string[],
  query: ReadingsQuery,
  { limits }: Policy,
): ReadingsChart[] {
  const charts = (['cpu', 'network-in', 'network-out', 'disk-io', 'disk-space', 'heap'] as const).flatMap((of) => {
    const chart = namedChart(kept, of, brokers, query);
    if (chart.lines.length > 0) return { ...chart, limits: [{ of: 'policy' as const, value: limits[of].value }] };
    return of === 'network-in' || of === 'network-out' ? namedChart(kept, of, brokers, query, bytesOf[of]) : [];
  });
  return filled(charts);
}

function loadLimits(
  safe: ClusterStatus['safeMaxTps'],
  analysis: Pick<Analysis, 'saturationTps'> | undefined,
): ReadingsChart['limits'] {
  const safeTps = safe && safeTpsOf(safe);
  const full = analysis?.saturationTps;
  return [
    ...(safeTps === undefined ? [] : [{ of: 'safe' as const, value: safeTps }]),
    ...(full?.kind === 'confirmed' || full?.kind === 'predicted'
      ? [{ of: 'saturation' as const, value: full.estimateTps }]
      : []),
  ];
}

/** Returns history entries and alerts of a cluster within a range, oldest first. */
function eventsOf(
  cluster: string,
  query: Pick<ReadingsContent, 'range' | 'level' | 'nowMs'>,
  { history, alerts }: Pick<ReadingsParts, 'history' | 'alerts'>,
): Pick<ReadingsContent, 'marks' | 'alerts'> {
  const { firstMs } = slotsOf(query);
  const within = { sinceMs: firstMs, untilMs: query.nowMs };
  const entries = history.entries({ cluster, kinds: markedKinds, ...within, limit: mostMarks });
  return { marks: entries.toReversed(), alerts: alerts.of(cluster, firstMs, query.nowMs) };
}

const minuteMs = 60_000;
/** A first rate needs two readings, so a topic seen earlier than this may have existed before the record. */
const leastMinutesBefore = 5;

/** Draws stacked areas, the largest first; no lines if no rate by topic is known. */
function topicsChart(kept: Kept, query: ReadingsQuery): ReadingsChart {
  const produced = (of: 'cluster' | 'topic', name: string) =>
    lineOf(of === 'topic' ? { name } : 'subject', kept, { of, name, figure: 'produceTps' }, query)[0]?.mean;
  const topics = (kept?.names('topic') ?? []).flatMap((name) => {
    const mean = produced('topic', name);
    return mean === undefined ? [] : [{ name, mean, sum: sumOf(mean) }];
  });
  const ranked = topics.toSorted((one, other) => other.sum - one.sum);
  const drawn = ranked.slice(0, mostLines);
  const rest = othersOf(produced('cluster', ''), drawn);
  const isNew = newTopics(kept, query);
  return {
    of: 'topics',
    unit: 'rate',
    isStacked: true,
    lines:
      drawn.length === 0
        ? []
        : [
            ...drawn.map(({ name, mean }) => ({ label: { name, ...(isNew(name) && { isNew: true as const }) }, mean })),
            ...(rest === undefined ? [] : [{ label: 'others' as const, mean: rest }]),
          ],
    limits: [],
    notDrawn: 0,
  };
}

const sumOf = (values: SlotValues) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Minimum share of the rest, because two readings of the same slot differ slightly. */
const leastShare = 0.005;

/** Computes the cluster rate minus the drawn topics. @returns undefined if the rest is negligible */
function othersOf(all: SlotValues | undefined, drawn: readonly { mean: SlotValues }[]): SlotValues | undefined {
  const rest = all?.map(
    (value, slot) => value && Math.max(0, value - drawn.reduce((sum, { mean }) => sum + (mean[slot] ?? 0), 0)),
  );
  return rest === undefined || all === undefined || sumOf(rest) < leastShare * sumOf(all) ? undefined : rest;
}

/**
 * A topic is new if readings of the cluster began before its first one and that one is within the range. If some topics
 * are not stored, a late start may only mean that the topic became large enough.
 */
function newTopics(kept: Kept, { range, nowMs }: ReadingsQuery): (name: string) => boolean {
  if (kept === undefined || kept.leftOut.topic > 0) return () => false;
  const firstOf = (of: 'cluster' | 'topic', name: string) =>
    kept.points({ of, name, figure: 'produceTps' }, '24h', nowMs)[0]?.atMs;
  const since = firstOf('cluster', '');
  if (since === undefined) return () => false;
  const { slotMs, slots } = readingsLevels[range];
  return (name) => {
    const first = firstOf('topic', name);
    return first !== undefined && first > since + leastMinutesBefore * minuteMs && first > nowMs - slotMs * slots;
  };
}
