// Selects the recorded readings that a page draws.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { HistoryEntry, HistoryEntryKind } from '../../core/documents/history-entry.ts';
import { readingsLevels, type ReadingsRange } from '../../core/readings-range.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type {
  ReadingsChart,
  ReadingsContent,
  ReadingsLine,
  ReadingsUnit,
  SlotValues,
} from '../../dashboards/web/readings/readings-view.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServiceParts } from '../parts.ts';
import type { Figure, Part } from '../readings/figures.ts';
import type { ReadingsReader } from '../readings/readings-reader.ts';

/** More lines in one chart cannot be told apart. */
const mostLines = 5;
const mostMarks = 50;
const markedKinds: readonly HistoryEntryKind[] = ['verdict', 'test', 'operation', 'change'];

type Kept = ReturnType<ReadingsReader['of']>;

export type AskedReadings = Pick<ReadingsContent, 'range' | 'nowMs' | 'recordedSince'>;

/** A range of six hours would be mostly empty. */
const youngMs = 2 * 3_600_000;

/** @param chosen in the address; otherwise the shortest range that holds most of what was recorded, up to six hours */
export function askedReadings(kept: Kept, chosen: ReadingsRange | undefined, nowMs: number): AskedReadings {
  const [first] = kept?.points({ of: 'cluster', name: '', figure: 'brokersExpected' }, '24h', nowMs) ?? [];
  const isYoung = first === undefined || nowMs - first.atMs < youngMs;
  return {
    range: chosen ?? (isYoung ? '1h' : '6h'),
    nowMs,
    ...(first && { recordedSince: new Date(first.atMs).toISOString() }),
  };
}

export type ReadingsParts = Pick<ServiceParts, 'readings' | 'policy'> & { history: Pick<HistoryReader, 'entries'> };

/** Load, resources of the brokers and lag of the groups, with what the history has of that time. */
export function clusterReadings(
  { cluster, safeMaxTps }: Pick<ClusterStatus, 'cluster' | 'safeMaxTps'>,
  analysis: Pick<Analysis, 'saturationTps'> | undefined,
  asked: AskedReadings,
  { readings, policy, history }: ReadingsParts,
): ReadingsContent {
  const kept = readings.of(cluster);
  const load = ratesChart('load', kept, { of: 'cluster', name: '' }, asked);
  const brokers = kept?.names('broker').toSorted(byName) ?? [];
  return {
    ...asked,
    charts: [
      { ...load, limits: loadLimits(safeMaxTps, analysis) },
      ...resourceCharts(kept, brokers, asked, policy),
      ...filled([namedChart(kept, 'lag-seconds', kept?.names('group') ?? [], asked)]),
    ],
    marks: marksOf(cluster, asked, history),
  };
}

export function topicReadings(kept: Kept, name: string, asked: AskedReadings): ReadingsContent {
  return { ...asked, charts: [ratesChart('load', kept, { of: 'topic', name }, asked)], marks: [] };
}

export function groupReadings(kept: Kept, name: string, asked: AskedReadings): ReadingsContent {
  const charts = (['lag-seconds', 'lag-messages', 'consume'] as const).map((of) => namedChart(kept, of, [name], asked));
  const known = filled(charts);
  return { ...asked, charts: known.length === 0 ? charts.slice(0, 1) : known, marks: [] };
}

export function brokerReadings(kept: Kept, id: string, asked: AskedReadings, policy: Policy): ReadingsContent {
  return {
    ...asked,
    charts: [namedChart(kept, 'produce', [id], asked), ...resourceCharts(kept, [id], asked, policy)],
    marks: [],
  };
}

/** Produced messages of the last three hours, in slots of five minutes. */
export function trendOf(kept: Kept, nowMs: number): SlotValues {
  const points = kept?.points({ of: 'cluster', name: '', figure: 'produceTps' }, '24h', nowMs, trendSlots) ?? [];
  return inSlots(points, nowMs, { slotMs: readingsLevels['24h'].slotMs, slots: trendSlots }, 'mean');
}

const trendSlots = 36;

const byName = (one: string, other: string) => one.localeCompare(other, 'en', { numeric: true });

const filled = (charts: readonly ReadingsChart[]) => charts.filter(({ lines }) => lines.length > 0);

/** Of consumed messages only the mean: two areas would hide each other. */
function ratesChart(of: 'load', kept: Kept, part: { of: 'cluster' | 'topic'; name: string }, asked: AskedReadings) {
  const consumed = lineOf({ counted: 'consumed' }, kept, { ...part, figure: 'consumeTps' }, asked);
  return {
    of,
    unit: 'rate' as const,
    lines: [
      ...lineOf({ counted: 'produced' }, kept, { ...part, figure: 'produceTps' }, asked),
      ...consumed.map(({ label, mean }) => ({ label, mean })),
    ],
    limits: [],
    notDrawn: 0,
  } satisfies ReadingsChart;
}

/** Of network cards without a known speed the bytes stand in for the ratio, without a limit. */
function resourceCharts(
  kept: Kept,
  brokers: readonly string[],
  asked: AskedReadings,
  { limits }: Policy,
): ReadingsChart[] {
  const charts = (['cpu', 'network-in', 'network-out', 'disk-io', 'disk-space', 'heap'] as const).flatMap((of) => {
    const chart = namedChart(kept, of, brokers, asked);
    if (chart.lines.length > 0) return { ...chart, limits: [{ of: 'policy' as const, value: limits[of].value }] };
    return of === 'network-in' || of === 'network-out' ? namedChart(kept, of, brokers, asked, bytesOf[of]) : [];
  });
  return filled(charts);
}

interface Source {
  of: Part;
  figure: Figure;
  unit: ReadingsUnit;
}

const bytesOf: Readonly<Record<'network-in' | 'network-out', Source>> = {
  'network-in': { of: 'broker', figure: 'networkInBytesPerSecond', unit: 'bytesPerSecond' },
  'network-out': { of: 'broker', figure: 'networkOutBytesPerSecond', unit: 'bytesPerSecond' },
};

const sources: Readonly<Record<Exclude<ReadingsChart['of'], 'load'>, Source>> = {
  cpu: { of: 'broker', figure: 'cpuRatio', unit: 'ratio' },
  'network-in': { of: 'broker', figure: 'networkInRatio', unit: 'ratio' },
  'network-out': { of: 'broker', figure: 'networkOutRatio', unit: 'ratio' },
  'disk-io': { of: 'broker', figure: 'diskIoRatio', unit: 'ratio' },
  'disk-space': { of: 'broker', figure: 'diskSpaceRatio', unit: 'ratio' },
  heap: { of: 'broker', figure: 'heapRatio', unit: 'ratio' },
  produce: { of: 'broker', figure: 'produceTps', unit: 'rate' },
  'lag-seconds': { of: 'group', figure: 'lagSeconds', unit: 'seconds' },
  'lag-messages': { of: 'group', figure: 'lagMessages', unit: 'count' },
  consume: { of: 'group', figure: 'consumeTps', unit: 'rate' },
};

/** A line for each name that has any reading; of many, those with the highest. One alone needs no name. */
function namedChart(
  kept: Kept,
  of: Exclude<ReadingsChart['of'], 'load'>,
  names: readonly string[],
  asked: AskedReadings,
  { of: part, figure, unit }: Source = sources[of],
): ReadingsChart {
  const lines = names.flatMap((name) =>
    lineOf(names.length === 1 ? 'subject' : { name }, kept, { of: part, name, figure }, asked),
  );
  const peaks = new Map(
    lines.map((line) => [
      line,
      Math.max(...line.mean.map((value) => value ?? 0), ...(line.max ?? []).map((value) => value ?? 0)),
    ]),
  );
  const highest = new Set(
    lines.toSorted((one, other) => (peaks.get(other) ?? 0) - (peaks.get(one) ?? 0)).slice(0, mostLines),
  );
  const drawn = lines.filter((line) => highest.has(line));
  return {
    of,
    unit,
    // The upper edge of each of several lines would hide the others.
    lines: drawn.length === 1 ? drawn : drawn.map(({ label, mean }) => ({ label, mean })),
    limits: [],
    notDrawn: lines.length - drawn.length,
  };
}

/** @returns no line where nothing is known */
function lineOf(
  label: ReadingsLine['label'],
  kept: Kept,
  series: { of: Part; name: string; figure: Figure },
  { range, nowMs }: AskedReadings,
): ReadingsLine[] {
  const points = kept?.points(series, range, nowMs) ?? [];
  if (points.length === 0) return [];
  const level = readingsLevels[range];
  const mean = inSlots(points, nowMs, level, 'mean');
  return [range === '1h' ? { label, mean } : { label, mean, max: inSlots(points, nowMs, level, 'max') }];
}

function inSlots(
  points: readonly { atMs: number; mean: number; max: number }[],
  nowMs: number,
  { slotMs, slots }: { slotMs: number; slots: number },
  which: 'mean' | 'max',
): SlotValues {
  const first = Math.floor(nowMs / slotMs) - slots + 1;
  const values = Array.from<number | undefined>({ length: slots });
  for (const point of points) values[point.atMs / slotMs - first] = point[which];
  return values;
}

function loadLimits(
  safe: ClusterStatus['safeMaxTps'],
  analysis: Pick<Analysis, 'saturationTps'> | undefined,
): ReadingsChart['limits'] {
  const full = analysis?.saturationTps;
  return [
    ...(safe === undefined || safe.kind === 'unknown' ? [] : [{ of: 'safe' as const, value: safe.tps }]),
    ...(full?.kind === 'confirmed' || full?.kind === 'predicted'
      ? [{ of: 'saturation' as const, value: full.estimateTps }]
      : []),
  ];
}

/** Oldest first. */
function marksOf(
  cluster: string,
  { range, nowMs }: AskedReadings,
  history: Pick<HistoryReader, 'entries'>,
): HistoryEntry[] {
  const { slotMs, slots } = readingsLevels[range];
  const sinceMs = nowMs - slotMs * slots;
  return history.entries({ cluster, kinds: markedKinds, sinceMs, untilMs: nowMs, limit: mostMarks }).toReversed();
}
