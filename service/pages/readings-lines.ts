// Converts recorded readings to chart lines: means and maxima of the slots of a range.

import { defined } from '../../core/defined.ts';
import { readingsLevels, type ReadingsRange } from '../../core/readings-range.ts';
import type {
  ReadingsChart,
  ReadingsContent,
  ReadingsLine,
  ReadingsUnit,
  SlotValues,
} from '../../dashboards/web/readings/readings-view.ts';
import { endingWith } from '../../dashboards/web/readings/readings-data.ts';
import type { Figure, Part } from '../readings/figures.ts';
import type { ReadingsReader } from '../readings/readings-reader.ts';

export type Kept = ReturnType<ReadingsReader['of']>;

export type ReadingsQuery = Pick<ReadingsContent, 'nowMs' | 'recordedSince'> & { range: ReadingsRange };

/** More lines in one chart cannot be distinguished. */
export const mostLines = 5;

interface Source {
  of: Part;
  figure: Figure;
  unit: ReadingsUnit;
}

export const bytesOf: Readonly<Record<'network-in' | 'network-out', Source>> = {
  'network-in': { of: 'broker', figure: 'networkInBytesPerSecond', unit: 'bytesPerSecond' },
  'network-out': { of: 'broker', figure: 'networkOutBytesPerSecond', unit: 'bytesPerSecond' },
};

/** Charts with a line for each broker or group. */
type NamedSubject = Exclude<ReadingsChart['of'], 'load' | 'consumed' | 'topics'>;

const sources: Readonly<Record<NamedSubject, Source>> = {
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

/** Draws a line for each name with a reading; if there are many, those with the highest peaks. A single line needs no name. */
export function namedChart(
  kept: Kept,
  of: NamedSubject,
  names: readonly string[],
  query: ReadingsQuery,
  { of: part, figure, unit }: Source = sources[of],
): ReadingsChart {
  const lines = names.flatMap((name) =>
    lineOf(names.length === 1 ? 'subject' : { name }, kept, { of: part, name, figure }, query),
  );
  const peaks = lines.map((line) => ({ line, peak: peakOf(line) })).toSorted((one, other) => other.peak - one.peak);
  const highest = new Set(peaks.slice(0, mostLines).map(({ line }) => line));
  const drawn = lines.filter((line) => highest.has(line));
  return {
    of,
    unit,
    // With several lines, the maxima of each would hide the others.
    lines: drawn.length === 1 ? drawn : drawn.map(withoutPeaks),
    limits: [],
    notDrawn: lines.length - drawn.length,
  };
}

export const withoutPeaks = ({ label, mean, last }: ReadingsLine): ReadingsLine => ({
  label,
  mean,
  ...defined({ last }),
});

/** The mean of a slot never exceeds its maximum. */
const peakOf = ({ mean, max = mean }: ReadingsLine) => Math.max(...max.map((value) => value ?? 0));

/** @returns no line if no value is known */
export function lineOf(
  label: ReadingsLine['label'],
  kept: Kept,
  series: { of: Part; name: string; figure: Figure },
  { range, nowMs }: ReadingsQuery,
): ReadingsLine[] {
  const points = kept?.points(series, range, nowMs) ?? [];
  if (points.length === 0) return [];
  const level = readingsLevels[range];
  const line = { label, mean: inSlots(points, nowMs, level, 'mean'), ...defined({ last: kept?.last(series) }) };
  return [range === '1h' ? line : { ...line, max: inSlots(points, nowMs, level, 'max') }];
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

/** Returns produced messages of the last three hours, in slots of five minutes; ends with the last reading. */
export function trendOf(kept: Kept, nowMs: number): SlotValues {
  const series = { of: 'cluster', name: '', figure: 'produceTps' } as const;
  const points = kept?.points(series, '24h', nowMs, trendSlots) ?? [];
  const mean = inSlots(points, nowMs, { slotMs: readingsLevels['24h'].slotMs, slots: trendSlots }, 'mean');
  return endingWith(mean, kept?.last(series));
}

const trendSlots = 36;
