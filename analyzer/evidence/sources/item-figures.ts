// Converts item values of Zabbix and CloudWatch to figures: groups them into intervals, scales and combines them.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { figureNames, figureOf, type FigureName } from './figures.ts';
import type { FigureSeries } from './figure-series.ts';
import { inventoryOf } from './found-figures.ts';
import type { FigureSource } from './telemetry.ts';
import { quantile } from '../../../core/statistics/statistics.ts';
import { defined } from '../../../core/defined.ts';

export interface ItemValue {
  /** Seconds since the epoch, at the end of the covered time. */
  clock: number;
  value: number;
}

export interface FigureItem {
  item: { itemid: string; host: string; key: string; lastValue?: number };
  /** Figure, or part of one. */
  is: string;
  device?: string;
  scale: number;
  isConstant: boolean;
  /** For systems whose values cover whole periods since the epoch, which then become the intervals. */
  periodSeconds?: number;
}

interface Part extends Pick<FigureSeries, 'device' | 'source' | 'firstEnd' | 'gridSeconds' | 'values'> {
  is: string;
  host: string;
}

/** @param system for display. @param values by itemid, in time order */
export function itemFigures(
  { name, system }: { name: string; system: string },
  items: readonly FigureItem[],
  values: ReadonlyMap<string, readonly ItemValue[]>,
  { from, to, stepSeconds }: { from: number; to: number; stepSeconds: number },
): { series: FigureSeries[]; findings: Finding[] } {
  const findings = new Map<string, Finding>();
  const parts = items.flatMap((known): Part[] => {
    const read = values.get(known.item.itemid) ?? [];
    const { periodSeconds } = known;
    const every = periodSeconds ?? (known.isConstant ? 0 : usualDistance(read));
    const gridSeconds = periodSeconds ?? Math.max(1, Math.ceil(every / stepSeconds - 0.05)) * stepSeconds;
    const start = periodSeconds === undefined ? from : Math.ceil(from / periodSeconds) * periodSeconds;
    const points = Math.max(0, Math.floor((to - start) / gridSeconds + 1e-9));
    if (points === 0) return [];
    if (gridSeconds > stepSeconds) {
      // All values of a target in one system have the same period.
      const [of, scheme] = periodSeconds === undefined ? [known.is, known.item.key] : [`${periodSeconds}`, system];
      const facts = { source: name, scheme, scrapeSeconds: every, stepSeconds, gridSeconds };
      findings.set(of, findings.get(of) ?? findingOf('source-coarse', facts));
    }
    const slots = known.isConstant
      ? constant(known, read, points)
      : means(read, known.scale, { from: start, gridSeconds, points });
    if (slots.every((value) => Number.isNaN(value))) return [];
    const { is, device, item } = known;
    const firstEnd = start - from + gridSeconds;
    const source = `${item.key} (${system})`;
    return [defined({ is, host: item.host, device, source, firstEnd, gridSeconds, values: slots })];
  });
  const series = [...Map.groupBy(parts, ({ host }) => host).values()].flatMap((own) => figuresOfHost(own, from));
  return { series, findings: [...findings.values()] };
}

/** The median distance: values that were missed, or discarded while unchanged, cause longer distances. */
export function usualDistance(values: readonly ItemValue[]): number {
  const distances = values.slice(1).map(({ clock }, index) => clock - (values[index] as ItemValue).clock);
  return distances.length === 0 ? 0 : quantile(distances, 0.5);
}

function means(
  values: readonly ItemValue[],
  scale: number,
  { from, gridSeconds, points }: { from: number; gridSeconds: number; points: number },
): Float64Array {
  const sums = new Float64Array(points);
  const counts = new Float64Array(points);
  for (const { clock, value } of values) {
    // A value covers the time before it, so a value at the end of an interval belongs to that interval.
    const slot = Math.ceil((clock - from) / gridSeconds - 1e-9) - 1;
    if (slot < 0 || slot >= points) continue;
    sums[slot] = (sums[slot] ?? 0) + value * scale;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return sums.map((sum, index) => ((counts[index] ?? 0) > 0 ? sum / (counts[index] ?? 1) : Number.NaN));
}

function constant({ item, scale }: FigureItem, values: readonly ItemValue[], points: number): Float64Array {
  const value = values.at(-1)?.value ?? item.lastValue;
  return new Float64Array(points).fill(value === undefined ? Number.NaN : value * scale);
}

/** Combines parts of one host, separately for each device. @param from start of the window, seconds since 1970 */
function figuresOfHost(parts: readonly Part[], from: number): FigureSeries[] {
  const one = (is: string) => parts.find((part) => part.is === is && part.device === undefined);
  const last = (is: string) => one(is)?.values.findLast((value) => !Number.isNaN(value));
  const derived = (figure: FigureName, part: Part | undefined, of: (value: number, index: number) => number) =>
    part === undefined ? [] : [seriesOf(figure, part, part.values.map(of))];
  const ready = parts
    .filter(({ is }) => (figureNames as readonly string[]).includes(is))
    .map((part) => seriesOf(part.is as FigureName, part, part.values));
  const [cores, memory] = [last('cores'), last('memoryTotalBytes')];
  const [idle, iowait] = [one('cpuIdle'), one('cpuIowait')];
  const busy = idle ?? one('cpuUtil');
  const waiting = (index: number) =>
    iowait !== undefined && iowait.gridSeconds === busy?.gridSeconds ? (iowait.values[index] ?? Number.NaN) : 0;
  const ofCores =
    cores === undefined
      ? []
      : [
          ...derived('busyCores', busy, (value, index) => {
            return Math.max(0, (busy === idle ? 1 - value : value) - waiting(index)) * cores;
          }),
          ...derived('iowaitCores', iowait, (value) => value * cores),
          ...derived('stealCores', one('cpuSteal'), (value) => value * cores),
        ];
  const ofDisks = (is: string) => parts.filter((part) => part.is === is);
  const made = [
    ...ofCores,
    ...(memory === undefined ? [] : derived('memoryUsedBytes', one('memoryAvailable'), (value) => memory - value)),
    ...ofDisks('diskWriteAwait').flatMap((part) =>
      derived('diskAwaitSeconds', part, (value) => (value > 0 ? value : Number.NaN)),
    ),
    ...ofDisks('diskWriteBytes').map((part) => seriesOf('diskWrittenBytesPerSecond', part, part.values)),
    ...derived('requestHandlersBusy', one('handlerIdle'), (value) => 1 - value),
    ...derived('networkProcessorsBusy', one('networkIdle'), (value) => 1 - value),
    ...restartsOf(one('uptime'), from),
  ];
  // A figure from a single item takes precedence over one computed from parts.
  return [...ready, ...made.filter(({ figure }) => !ready.some((each) => each.figure === figure))];
}

/** A lower uptime means another boot. */
function restartsOf(uptime: Part | undefined, from: number): FigureSeries[] {
  if (uptime === undefined) return [];
  let base: number | undefined;
  const boots = uptime.values.map((value, index) => {
    if (Number.isNaN(value)) return Number.NaN;
    const boot = from + uptime.firstEnd + index * uptime.gridSeconds - value;
    // Means of intervals and late polls shift the boot time by less than two intervals.
    if (base === undefined || boot - base > 2 * uptime.gridSeconds) base = boot;
    return base;
  });
  return [seriesOf('bootTimeSeconds', uptime, boots)];
}

function seriesOf(
  figure: FigureName,
  { host, device, source, firstEnd, gridSeconds }: Part,
  values: Float64Array,
): FigureSeries {
  const { isPerDevice, of } = figureOf(figure);
  return {
    figure,
    target: of === 'cluster' ? 'cluster' : host,
    addresses: [host.toLowerCase()],
    ...(isPerDevice === true && device !== undefined && { device }),
    firstEnd,
    gridSeconds,
    values,
    source,
  };
}

export function itemInventory(
  series: readonly FigureSeries[],
  { scheme, citation, tried }: { scheme: string; citation: string; tried: (figure: FigureName) => readonly string[] },
): FigureSource[] {
  const found = [...Map.groupBy(series, ({ figure }) => figure)].map(([figure, own]) => ({
    figure,
    scheme,
    expression: own[0]?.source ?? '',
    citation,
    targets: [...new Set(own.map(({ target }) => target))].toSorted(),
  }));
  return inventoryOf(found, (figure) => (figureOf(figure).isNeeded ? tried(figure) : undefined));
}
