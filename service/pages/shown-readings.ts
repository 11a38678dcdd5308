// Selects the recorded readings that a page draws.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { HistoryEntryKind } from '../../core/documents/history-entry.ts';
import type { ReadingsRange } from '../../core/readings-range.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { safeTpsOf } from '../../core/documents/safe-tps.ts';
import { readRange } from '../../dashboards/web/readings/range-picker.ts';
import {
  slotsOf,
  type AlertMark,
  type ReadingsChart,
  type ReadingsContent,
} from '../../dashboards/web/readings/readings-view.ts';
import type { View } from '../../dashboards/web/view.ts';
import type { HistoryReader } from '../history/history.ts';
import { mayBeCut, mostStartsPerDay } from '../hooks/alert-log.ts';
import type { ServiceParts } from '../parts.ts';
import type { PastReadings } from './past-readings.ts';
import { bytesOf, lineOf, namedChart, type ReadingsQuery, type Kept } from './readings-lines.ts';
import { topicsChart } from './topics-chart.ts';
import { naturalOrder } from '../../core/text/natural-order.ts';

const mostMarks = 50;
const markedKinds: readonly HistoryEntryKind[] = ['verdict', 'test', 'operation', 'change'];

/** Content without the events of the cluster. */
type DrawnReadings = Omit<ReadingsContent, 'marks' | 'alerts' | 'mostAlerts'>;

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
export type RecentParts = Omit<ReadingsParts, 'policy'> & Pick<ServiceParts, 'clock'>;

/** Returns the charts of one page for the range in its address, with the events of the cluster, but no alerts of its other topics or groups. */
export function recentReadings(
  cluster: string,
  subject: Pick<AlertMark, 'group' | 'topic'>,
  { query: chosen }: Pick<View, 'query'>,
  { readings, clock, ...parts }: RecentParts,
  draw: (kept: Kept, query: ReadingsQuery) => DrawnReadings,
): ReadingsContent {
  const kept = readings.of(cluster);
  const query = readingsQuery(kept, readRange(chosen), clock.now().getTime());
  const { alerts, ...events } = eventsOf(cluster, query, parts);
  const concerns = ({ group, topic }: AlertMark) =>
    (group ?? topic) === undefined ||
    (group !== undefined && group === subject.group) ||
    (topic !== undefined && topic === subject.topic);
  return { ...draw(kept, query), ...events, alerts: alerts.filter(concerns) };
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
): Pick<ReadingsContent, 'marks' | 'alerts' | 'mostAlerts'> {
  const { firstMs } = slotsOf(query);
  const within = { sinceMs: firstMs, untilMs: query.nowMs };
  const entries = history.entries({ cluster, kinds: markedKinds, ...within, limit: mostMarks });
  const fired = alerts.of(cluster, firstMs, query.nowMs);
  return { marks: entries.toReversed(), alerts: fired, ...(mayBeCut(fired) && { mostAlerts: mostStartsPerDay }) };
}
