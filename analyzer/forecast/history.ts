// Aggregates readings of a load to steps of an hour or a day, and notes missing, duplicate and suspicious readings.

import { clockChanges, gridOf, startOf, stepAt, type Grid } from './grid.ts';
import type { TimeZone } from './local-time.ts';
import { refusedLoad, type RefusedLoad } from './refusals.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { mean, median } from '../../core/statistics/statistics.ts';
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
  /** Seconds that a reading averages: five minutes, or longer if few readings are that close. */
  spacingSeconds: number;
  readings: number;
  statistic: Statistic;
  notes: readonly string[];
  /** Set if the values look like a counter, which is an error for a load, but normal for a disk that fills. */
  counterNote?: string;
}

type HistoryReading = { kind: 'read'; history: History } | RefusedLoad;

/** Least covered share of a step: the maximum of a few minutes is not that of the hour. */
const leastShare = 0.5;
/** Tolerance of spacings for late readings, and for a day on which clocks are set back, which has 25 hours. */
const spacingTolerance = 1.05;
/** Prometheus histories have this grid. The maximum of an hour of one-minute means is up to a fifth above that of these. */
const windowSeconds = 300;
/** Share of the time with readings of a spacing or a finer one, from which maxima are compared in it. */
const leastFine = 0.1;
/** Seconds that also suffice if all are in hours: Zabbix keeps readings for a month, and means of hours for a year. */
const leastFineSeconds = 2 * 86_400;
/** Ratio of spacings from which a maximum is too low to be compared. */
const leastCoarse = 1.5;

/** Accepts readings in any order. @param statistic aggregation of the readings of a step */
export function historyOf(
  readings: readonly Reading[],
  { statistic, zone }: { statistic: Statistic; zone: TimeZone },
): HistoryReading {
  const { kept, notes } = inOrder(readings);
  if (kept.length < 3) return refusedLoad('few-readings', { readings: kept.length });
  const spacings = spacingsOf(kept);
  const spacingSeconds = Math.max(windowSeconds, finestSpacing(spacings));
  if (spacingSeconds > 86_400 * spacingTolerance) return refusedLoad('rare-readings', { spacingSeconds });
  const grid = gridOf(spacingSeconds <= 3600 * spacingTolerance ? 'hour' : 'day', zone);
  const stepSeconds = grid.step === 'hour' ? 3600 : 86_400;
  const mostSeconds = stepSeconds * spacingTolerance;
  const rare = spacings.filter((seconds) => seconds > mostSeconds).length;
  if (rare > 0) notes.push(`${rare} readings are more than ${durationText(stepSeconds)} apart and are left out`);
  const first = stepAt(grid, (kept[0] as Reading).timeMs);
  const lastMs = (kept.at(-1) as Reading).timeMs;
  const last = stepAt(grid, lastMs);
  const count = last - first + 1;
  const steps = Map.groupBy(inWindows(spaced(kept, spacings, mostSeconds), spacingSeconds), ({ timeMs }) =>
    stepAt(grid, timeMs),
  );
  const isKnown = (own: readonly SpacedReading[]) => covered(own) >= leastShare * stepSeconds;
  const known = [...steps].filter(([, own]) => isKnown(own));
  const scarce = steps.size - known.length;
  const values = new Float64Array(count).fill(Number.NaN);
  for (const [step, own] of known) values[step - first] = statistic === 'mean' ? mean(own.map(valueOf)) : highest(own);
  if (statistic === 'max') {
    notes.push(
      ...burstNotes(spaced(kept, spacings, mostSeconds), known, grid),
      ...raiseCoarse(values, known, { first, spacingSeconds, stepSeconds }),
    );
  }
  const lastSeconds = spacings.at(-1) as number;
  // The last step may be incomplete, and its maximum still to come; all other steps are complete.
  if (lastMs + spacingTolerance * lastSeconds * 1000 < startOf(grid, last + 1)) values[count - 1] = Number.NaN;
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

interface SpacedReading extends Reading {
  /** Time to its neighbours. */
  seconds: number;
}

/** Gaps to compare on each side: next to an outage, those of the other side count. */
const neighbours = 3;

function spacingsOf(kept: readonly Reading[]): Float64Array {
  const spacing = (from: number, to: number) =>
    from === to ? Infinity : ((kept[to] as Reading).timeMs - (kept[from] as Reading).timeMs) / (to - from) / 1000;
  return Float64Array.from(kept, (_, i) =>
    Math.min(spacing(Math.max(0, i - neighbours), i), spacing(i, Math.min(kept.length - 1, i + neighbours))),
  );
}

/** Yields instead of an array, because two years of readings every minute are a million. */
function* spaced(kept: readonly Reading[], spacings: Float64Array, mostSeconds: number): Iterable<SpacedReading> {
  for (const [i, { timeMs, value }] of kept.entries()) {
    const seconds = spacings[i] as number;
    if (seconds <= mostSeconds) yield { timeMs, value, seconds };
  }
}

/** @returns the finest spacing of enough of the time */
function finestSpacing(spacings: Float64Array): number {
  const sorted = spacings.toSorted();
  const finestOf = (least: number) => {
    let sum = 0;
    return sorted.find((seconds) => (sum += seconds) >= least) ?? Infinity;
  };
  const finest = finestOf(leastFine * sorted.reduce((sum, seconds) => sum + seconds, 0));
  return finest > 3600 * spacingTolerance ? finest : Math.min(finest, finestOf(leastFineSeconds));
}

/** Averages readings that are closer. Windows of which less than half was read are omitted. */
function inWindows(readings: Iterable<SpacedReading>, seconds: number): SpacedReading[] {
  const means: SpacedReading[] = [];
  let window = { at: Number.NaN, timeMs: 0, sum: 0, count: 0, read: 0 };
  const end = () => {
    const { timeMs, sum, count, read } = window;
    if (count > 0 && read >= leastShare * seconds) means.push({ timeMs, value: sum / count, seconds });
  };
  for (const reading of readings) {
    const { timeMs, value, seconds: own } = reading;
    if (own > seconds / 2) {
      means.push(reading);
      continue;
    }
    const at = Math.floor(timeMs / 1000 / seconds);
    if (at !== window.at) {
      end();
      window = { at, timeMs, sum: 0, count: 0, read: 0 };
    }
    window.sum += value;
    window.count += 1;
    window.read += own;
  }
  end();
  return means;
}

/** Averages as long as the readings from which forecasts are made, because maxima of shorter means are higher. */
export const averaged = (readings: readonly Reading[]): readonly Reading[] =>
  inWindows(spaced(readings, spacingsOf(readings), Infinity), windowSeconds);

const covered = (readings: readonly SpacedReading[]) => readings.reduce((sum, { seconds }) => sum + seconds, 0);
const valueOf = ({ value }: Reading) => value;
const highest = (readings: readonly Reading[]) => readings.reduce((most, { value }) => Math.max(most, value), 0);

type KnownStep = readonly [step: number, readings: readonly SpacedReading[]];

/** States how far single readings exceed the maximum of their step, if several were averaged. */
function burstNotes(used: Iterable<Reading>, known: readonly KnownStep[], grid: Grid): string[] {
  const single = new Map<number, number>();
  for (const { timeMs, value } of used) {
    const step = stepAt(grid, timeMs);
    single.set(step, Math.max(value, single.get(step) ?? 0));
  }
  const bursts = known
    .map(([step, own]) => (single.get(step) ?? 0) / highest(own))
    .filter((ratio) => ratio > 1 && Number.isFinite(ratio));
  const { length } = bursts;
  return length === 0
    ? []
    : [
        `closer readings are averaged in ${length} ${grid.step}s: single ones reach ${percentText(median(bursts) - 1)} more`,
      ];
}

/** Raises maxima of means over a longer time, which are lower for the same load, by the median ratio of the other steps. */
function raiseCoarse(
  values: Float64Array,
  known: readonly KnownStep[],
  { first, spacingSeconds, stepSeconds }: { first: number; spacingSeconds: number; stepSeconds: number },
): string[] {
  const isCoarse = ([, own]: KnownStep) => covered(own) > leastCoarse * spacingSeconds * own.length;
  const coarse = known.filter(isCoarse);
  if (coarse.length === 0) return [];
  const seconds = median(coarse.map(([, own]) => covered(own) / own.length));
  const isWhole = seconds * spacingTolerance >= stepSeconds;
  const ratios = known.flatMap((each) => {
    const [, own] = each;
    const long = isWhole ? mean(own.map(valueOf)) : highest(inWindows(own, seconds));
    return isCoarse(each) || !(long > 0) ? [] : [highest(own) / long];
  });
  if (ratios.length === 0) return [];
  const factor = median(ratios);
  for (const [step] of coarse) values[step - first] = factor * (values[step - first] as number);
  return [
    `${coarse.length} maxima of readings ${durationText(seconds)} apart are raised by ${percentText(factor - 1)}, the median of the others, to compare with readings ${durationText(spacingSeconds)} apart`,
  ];
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
