// Collects the content of a cluster page.

import { limitOutlook } from '../../analyzer/forecast/event/limit-outlook.ts';
import type { BrokerRow, ClusterView, FullestDisk, TopicRow } from '../../dashboards/web/cluster/cluster-view.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import { knownEvidenceAdvice, usualRisk } from '../../app/planning/evidence-advice.ts';
import { headroomPriceOf } from '../status/headroom-price.ts';
import { readingsLevels, type ReadingsRange } from '../../core/readings-range.ts';
import type { PastChoice } from '../../dashboards/web/readings/readings-view.ts';
import type { DayContent, RequestedDay } from '../../dashboards/web/cluster/day-view.ts';
import { sourceQuery } from '../clusters/source-query.ts';
import { shownSides } from '../clusters/shown-settings.ts';
import { groupsOf, topicsOf } from '../clusters/busiest-rows.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';
import { sharesOf } from '../clusters/resource-shares.ts';
import { brokerRows, partitionFaults, withInstance } from '../clusters/snapshot-rows.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { documentsOf, leversOf, outlookInputs } from '../status/prepared-actions.ts';
import type { PastReadings } from './past-readings.ts';
import { gcFindingCounts } from './gc.ts';
import { newTopics } from './topics-chart.ts';
import { clusterReadings, readingsQuery } from './shown-readings.ts';
import { defined } from '../../core/defined.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { trendOf } from '../../core/statistics/trend.ts';
import type { Point } from '../readings/ring.ts';
import type { Kept } from './readings-lines.ts';

const mostEntries = 10;
const mostGrades = 20;
/** How long after its end the page still shows a load test. */
const shownForMs = 86_400_000;

export type ClusterParts = Pick<
  ServiceParts,
  'statuses' | 'clusters' | 'clock' | 'readings' | 'policy' | 'alerts' | 'loadTests' | 'gc' | 'instances'
> & {
  schedule: Pick<ServiceParts['schedule'], 'states'>;
  history: HistoryReader;
  config: Pick<ServiceParts['config'], 'clientIds' | 'prices' | 'thresholds'>;
};

interface RequestedTimes {
  day: DayContent;
  range?: ReadingsRange | undefined;
  past?: PastReadings | undefined;
  choice?: PastChoice;
}

export function clusterView(
  name: string,
  { day, range, past, choice }: RequestedTimes,
  parts: ClusterParts,
): ClusterView | undefined {
  const { statuses, history, clusters, clock, config, schedule } = parts;
  const status = statuses.cluster(name);
  const served = clusters.get(name);
  if (status === undefined || served === undefined) return undefined;
  const last = served.last();
  const traffic = served.traffic();
  const trouble = served.trouble();
  const { analysis, forecast } = documentsOf(status, history);
  const shares = last && traffic && sharesOf(bindingLimit(status), last.snapshot, traffic);
  const nowMs = clock.now().getTime();
  const outlook = limitOutlook(outlookInputs({ status, forecast, nowMs }));
  const kept = parts.readings.of(name);
  const topics = topicsOf(last?.snapshot, traffic, shares);
  const disk = fullestDisk(kept, parts.policy, status.broker, nowMs);
  return {
    status,
    readings: {
      ...clusterReadings(status, analysis, past ?? readingsQuery(kept, range, nowMs), parts),
      ...(choice && { choice }),
    },
    ...defined({
      disk,
      readAt: last?.at.toISOString(),
      partitionFaults: partitionFaults(last?.snapshot),
      promotion: statuses.fleet().promotion,
    }),
    ...(trouble && { trouble: { at: trouble.at.toISOString(), reason: trouble.reason } }),
    brokers: withDay(brokerRows(last?.snapshot, served.presence(), traffic, analysis), day.requested).map((row) =>
      withInstance(row, name, parts.instances),
    ),
    day,
    differences: (detailsOf(last?.snapshot).disagreements ?? []).map(({ of, subject, sides }) => ({
      subject,
      sides: of === 'broker-config' ? shownSides(subject, sides) : sides,
    })),
    topics,
    unconsumed: unconsumedOf(last?.snapshot, topics.rows, newTopics(kept, { range: '24h', nowMs })),
    gcFindings: gcFindingCounts(name, status.broker, parts.gc),
    groups: groupsOf(last?.snapshot, traffic, shares, kept?.lagTimes),
    ...(outlook.kind === 'outlook' && defined({ scaledBy: outlook.scaledBy })),
    ...defined({ sharedBy: shares?.of, forecast, evidence: evidenceOf(status, analysis, forecast, parts) }),
    headroomPrice: headroomPriceOf(served, { status, analysis, forecast }, parts),
    jobs: schedule
      .states()
      .filter(({ cluster }) => cluster === name)
      .map(({ name: job, lastEnd }) => ({
        name: job,
        ...(lastEnd?.failure !== undefined && {
          failed: defined({ at: lastEnd.at.toISOString(), reason: lastEnd.failure, reasonZh: lastEnd.failureZh }),
        }),
      })),
    levers: leversOf({
      status,
      analysis,
      forecast,
      served,
      clientIds: config.clientIds[name],
      nowMs,
    }),
    ...loadQuery(served),
    ...recentTest(name, parts),
    alerts: parts.alerts.firing(name, nowMs),
    grades: history
      .entries({ cluster: name, kinds: ['grade'], limit: mostGrades })
      .flatMap((entry) => (entry.kind === 'grade' ? [entry.document] : [])),
    entries: history.entries({ cluster: name, limit: mostEntries }),
  };
}

const groupSections: ReadonlySet<string> = new Set(['groups', 'commits']);

/** Consumers of older topics may keep their offsets elsewhere. */
function unconsumedOf(
  snapshot: ClusterSnapshot | undefined,
  rows: readonly TopicRow[],
  isNew: (topic: string) => boolean,
): readonly TopicRow[] {
  if (
    snapshot === undefined ||
    snapshot.sections.some(({ section, kind }) => groupSections.has(section) && kind !== 'fresh')
  )
    return [];
  const isConsumed = (name: string) =>
    snapshot.groups.some(
      ({ partitions, withoutEnd }) =>
        withoutEnd?.has(name) === true ||
        (partitions.topics?.includes(name) !== false &&
          [...partitions].some(({ topic, committed }) => topic === name && committed !== undefined)),
    );
  return rows.filter(
    ({ name, produceTps = 0, kind = 'normal' }) =>
      produceTps > 0 && kind === 'normal' && isNew(name) && !isConsumed(name),
  );
}

function evidenceOf(
  status: ClusterStatus,
  analysis: Analysis | undefined,
  document: RecordedForecast | undefined,
  { clock, policy }: Pick<ClusterParts, 'clock' | 'policy'>,
): ClusterView['evidence'] {
  if (analysis === undefined || document === undefined) return undefined;
  const { cluster, verdict, forecast } = status;
  return knownEvidenceAdvice({
    cluster,
    forecast: { document, ...(forecast && { entry: forecast.entry }) },
    analysis,
    entry: verdict?.entry,
    nowMs: clock.now().getTime(),
    risk: usualRisk,
    policy,
  });
}

/** Appends brokers that existed only on that day. */
function withDay(rows: readonly BrokerRow[], requested: RequestedDay): BrokerRow[] {
  if (requested.kind !== 'answered' || requested.answer.kind !== 'answered') return [...rows];
  const days = new Map(requested.answer.brokers.map(({ id, ...day }) => [id, day]));
  const known = rows.map((row) => {
    const day = days.get(row.id);
    days.delete(row.id);
    return { ...row, ...(day && { day }) };
  });
  return [...known, ...Array.from(days, ([id, day]) => ({ id, day }))];
}

function loadQuery({ source }: ServedCluster): Pick<ClusterView, 'loadQuery'> {
  if (source?.load === undefined || source.config.kind !== 'prometheus') return {};
  return { loadQuery: sourceQuery(source.config, source.load) };
}

function recentTest(cluster: string, { loadTests, clock }: ClusterParts): Pick<ClusterView, 'loadTest'> {
  const loadTest = loadTests?.of(cluster);
  const endMs = Date.parse(loadTest?.end?.at ?? '');
  return loadTest === undefined || clock.now().getTime() - endMs > shownForMs ? {} : { loadTest };
}

/** An older value is not current. */
const lastsMs = 30 * 60_000;
/** A shorter trend may come from a single segment or deletion. */
const leastTrendSeconds = 3600;
/** The trend of a day cannot predict more than a month. */
const longestSeconds = 30 * 86_400;
/** Points are averaged over half hours: 48 of a day. */
const thinning = 6;

/** @returns undefined if the use of no disk is known */
export function fullestDisk(
  kept: Kept,
  { limits }: Pick<Policy, 'limits'>,
  kind: BrokerKind,
  nowMs: number,
): FullestDisk | undefined {
  const disks = (kept?.names('broker') ?? []).flatMap((broker) => {
    const series = { of: 'broker', name: broker, figure: 'diskSpaceRatio' } as const;
    const points = kept?.points(series, '24h', nowMs) ?? [];
    const last = points.at(-1);
    if (last === undefined || nowMs - last.atMs > lastsMs) return [];
    return [{ broker, points, ratio: kept?.last(series) ?? last.mean }];
  });
  const [fullest] = disks.toSorted((one, other) => other.ratio - one.ratio);
  if (fullest === undefined) return undefined;
  const { broker, ratio, points } = fullest;
  const limitRatio = limits['disk-space'].value;
  const { deletesBeyondShare } = traitsOf(kind);
  const next: FullestDisk['next'] =
    ratio < limitRatio ? 'limit' : deletesBeyondShare === undefined ? 'full' : 'deletion';
  const left = Math.max(0, (next === 'limit' ? limitRatio : (deletesBeyondShare ?? 1)) - ratio);
  const trend = trendOfDay(points);
  const seconds = left === 0 ? 0 : trend && trend.perSecond > 0 ? Math.round(left / trend.perSecond) : Infinity;
  return defined({
    broker,
    ratio,
    limitRatio,
    overSeconds: trend?.overSeconds,
    next,
    secondsToNext: seconds > longestSeconds ? undefined : seconds,
  });
}

function trendOfDay(points: readonly Point[]): { perSecond: number; overSeconds: number } | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const overSeconds = (last.atMs - first.atMs) / 1000;
  if (overSeconds < leastTrendSeconds) return undefined;
  const slots = Map.groupBy(points, ({ atMs }) => Math.floor(atMs / (thinning * readingsLevels['24h'].slotMs)));
  const means = Array.from(slots.values(), (each) => each.reduce((sum, { mean }) => sum + mean, 0) / each.length);
  // Short series are not thinned, because a trend needs five values.
  const values = means.length < 10 ? points.map(({ mean }) => mean) : means;
  const trend = trendOf(values);
  return trend && { perSecond: (trend.slope * (values.length - 1)) / overSeconds, overSeconds };
}
