// Aggregates readings of a load to steps of an hour or a day, and notes missing, duplicate and suspicious readings.

import { clockChanges, gridOf, startOf, stepAt, type Grid } from './grid.ts';
import type { TimeZone } from './local-time.ts';
import { refusedLoad, type RefusedLoad } from './refusals.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { quantile } from '../../core/statistics/statistics.ts';
import { defined } from '../../core/defined.ts';

export interface Reading {
  timeMs: number;
  value: number;
}

export type Statistic = 'max' | 'mean';

export interface History {
  grid: Grid;
  /** Number of the first step. */
  first: number;
  /** One value per step; NaN if unknown. */
  values: Float64Array;
  /** Median seconds between readings. */
  spacingSeconds: number;
  readings: number;
  statistic: Statistic;
  notes: readonly string[];
  /** Set if the values look like a counter, which is an error for a load, but normal for a disk that fills. */
  counterNote?: string;
}

type HistoryReading = { kind: 'read'; history: History } | RefusedLoad;

/** Least share of readings in a step: the maximum of a few minutes is not that of the hour. */
const leastShare = 0.5;
/** Tolerance of the median spacing for late readings, and for a day on which clocks are set back, which has 25 hours. */
const spacingTolerance = 1.05;

/** Accepts readings in any order. @param statistic aggregation of the readings of a step */
export function historyOf(
  readings: readonly Reading[],
  { statistic, zone }: { statistic: Statistic; zone: TimeZone },
): HistoryReading {
  const { kept, notes } = inOrder(readings);
  if (kept.length < 3) return refusedLoad('few-readings', { readings: kept.length });
  const spacingSeconds = medianSpacing(kept);
  if (spacingSeconds > 86_400 * spacingTolerance) return refusedLoad('rare-readings', { spacingSeconds });
  const grid = gridOf(spacingSeconds <= 3600 * spacingTolerance ? 'hour' : 'day', zone);
  const first = stepAt(grid, (kept[0] as Reading).timeMs);
  const lastMs = (kept.at(-1) as Reading).timeMs;
  const last = stepAt(grid, lastMs);
  const count = last - first + 1;
  const perStep = Math.max(1, (grid.step === 'hour' ? 3600 : 86_400) / spacingSeconds);
  const { values, scarce } = fill(kept, { grid, first, count, statistic, least: perStep * leastShare });
  // The last step may be incomplete, and its maximum still to come; all other steps are complete.
  if (lastMs + spacingTolerance * spacingSeconds * 1000 < startOf(grid, last + 1)) values[count - 1] = Number.NaN;
  if (scarce > 0) notes.push(`${scarce} ${grid.step}s have less than half of their readings and are left out`);
  const changes = clockChanges(grid, first, count);
  if (changes.length > 0) {
    notes.push(
      `clocks of ${zone.name} change ${changes.map((each) => each.toISOString().slice(0, 10)).join(', ')}: the season follows the wall clock`,
    );
  }
  const trimmed = trim(values);
  if (trimmed === undefined) return refusedLoad('incomplete-hours', {});
  notes.push(...gapNotes(trimmed.values, grid));
  return {
    kind: 'read',
    history: {
      grid,
      first: first + trimmed.from,
      values: trimmed.values,
      spacingSeconds,
      readings: kept.length,
      statistic,
      notes,
      ...defined({ counterNote: counterNoteOf(kept) }),
    },
  };
}

function inOrder(readings: readonly Reading[]): { kept: Reading[]; notes: string[] } {
  const notes: string[] = [];
  const isSorted = readings.every(({ timeMs }, i) => i === 0 || timeMs >= (readings[i - 1] as Reading).timeMs);
  if (!isSorted) notes.push('readings were not in time order: they were sorted');
  const sorted = isSorted ? readings : readings.toSorted((a, b) => a.timeMs - b.timeMs);
  const kept: Reading[] = [];
  let [twice, different] = [0, 0];
  for (const reading of sorted) {
    const last = kept.at(-1);
    if (last?.timeMs !== reading.timeMs) {
      kept.push(reading);
      continue;
    }
    twice += 1;
    if (last.value !== reading.value) {
      different += 1;
      kept[kept.length - 1] = { ...last, value: Math.max(last.value, reading.value) };
    }
  }
  if (twice > 0) {
    notes.push(
      `${twice} readings have the time of another${different > 0 ? `, ${different} with another value: the higher one counts` : ''}`,
    );
  }
  return { kept, notes };
}

function medianSpacing(kept: readonly Reading[]): number {
  const spacings = kept.slice(1).map(({ timeMs }, i) => timeMs - (kept[i] as Reading).timeMs);
  return quantile(spacings, 0.5) / 1000;
}

function fill(
  kept: readonly Reading[],
  options: { grid: Grid; first: number; count: number; statistic: Statistic; least: number },
): { values: Float64Array; scarce: number } {
  const { grid, first, count, statistic, least } = options;
  const values = new Float64Array(count);
  const counts = new Int32Array(count);
  for (const { timeMs, value } of kept) {
    const at = stepAt(grid, timeMs) - first;
    values[at] =
      statistic === 'mean'
        ? (values[at] as number) + value
        : Math.max(counts[at] === 0 ? value : (values[at] as number), value);
    counts[at] = (counts[at] as number) + 1;
  }
  let scarce = 0;
  for (const [at, readings] of counts.entries()) {
    if (readings > 0 && readings < least) scarce += 1;
    if (readings === 0 || readings < least) values[at] = Number.NaN;
    else if (statistic === 'mean') values[at] = (values[at] as number) / readings;
  }
  return { values, scarce };
}

/** Removes unknown steps at both ends. */
function trim(values: Float64Array): { from: number; values: Float64Array } | undefined {
  const from = values.findIndex((value) => !Number.isNaN(value));
  const to = values.findLastIndex((value) => !Number.isNaN(value));
  return from < 0 ? undefined : { from, values: values.slice(from, to + 1) };
}

function gapNotes(values: Float64Array, { step }: Grid): string[] {
  const missing = values.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
  if (missing === 0) return [];
  let [longest, run] = [0, 0];
  for (const value of values) {
    run = Number.isNaN(value) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return [
    `${missing} of ${values.length} ${step}s are missing (${percentText(missing / values.length)}), at most ${longest} in a row: they are not filled in`,
  ];
}

/** A counter rises all day and falls to about 0 on a restart; a load falls every night. */
function counterNoteOf(kept: readonly Reading[]): string | undefined {
  const resets = kept.filter(({ value }, i) => i > 0 && value < (kept[i - 1] as Reading).value).length;
  const isFlat = kept.every(({ value }) => value === (kept[0] as Reading).value);
  if (isFlat || resets > kept.length / 1000) return undefined;
  return `values never fall${resets > 0 ? ` but ${resets} times` : ''}: this looks like a counter${resets > 0 ? ' with resets' : ''}; a forecast needs its rate()`;
}
