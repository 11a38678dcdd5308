// Sums the rates of loads that ran together over time, and finds where the sum changes level.

import { holesIn, overlap } from '../../holes.ts';
import type { Span } from '../../load-test-run.ts';
import type { LoadWindow } from '../load-tests/load-test-importer.ts';
import { levelsOf, type Level } from './found-levels.ts';
import type { PlacedLoad } from './load-clock.ts';
import { median } from '../../../../core/statistics/statistics.ts';

export interface Slot extends Span {
  rate: number;
}

const rateOf = ({ from, to, messages }: LoadWindow) => messages / (to - from);

export function shifted(windows: readonly LoadWindow[], seconds: number): LoadWindow[] {
  return windows
    .filter(({ from, to }) => to > from)
    .map((window) => ({ ...window, from: window.from + seconds, to: window.to + seconds }));
}

/** Returns the windows of a single load, or for several loads equal slots with the usual window length. */
export function slotsOf(series: readonly (readonly LoadWindow[])[]): Slot[] {
  const [only, ...others] = series;
  if (only && others.length === 0 && isOneAfterTheOther(only))
    return only.map((window) => ({ from: window.from, to: window.to, rate: rateOf(window) }));
  const all = series.flat();
  const length = median(all.map(({ from, to }) => to - from));
  const from = all.reduce((least, window) => Math.min(least, window.from), Number.POSITIVE_INFINITY);
  const to = all.reduce((most, window) => Math.max(most, window.to), 0);
  const count = Math.max(1, Math.round((to - from) / length));
  const slots = Array.from({ length: count }, (_, index): Slot => ({
    from: from + index * length,
    to: from + (index + 1) * length,
    rate: 0,
  }));
  const meeting = function* (span: Span): Iterable<Slot> {
    for (let place = Math.max(0, Math.floor((span.from - from) / length)); place < count; place += 1) {
      const slot = slots[place] as Slot;
      if (slot.from >= span.to) break;
      yield slot;
    }
  };
  for (const window of all) {
    for (const slot of meeting(window)) slot.rate += (rateOf(window) * overlap(window, slot)) / length;
  }
  // While one of the loads has no figures, the sum is unknown.
  const unknown = new Set<Slot>();
  for (const hole of series.flatMap(holesIn)) {
    for (const slot of meeting(hole)) if (overlap(hole, slot) > length / 10) unknown.add(slot);
  }
  return slots.filter((slot) => !unknown.has(slot));
}

function isOneAfterTheOther(windows: readonly LoadWindow[]): boolean {
  return windows.every(({ from }, index) => index === 0 || from >= (windows[index - 1]?.to ?? 0) - 0.05);
}

/** Gap in slots that splits a step: a step with one missing sample is not split. */
const widestHole = 1.5;

/** If the target rate is known, a step begins where it changes, and after a gap in the figures. */
export function levelsFor(
  together: readonly PlacedLoad[],
  series: readonly (readonly LoadWindow[])[],
  slots: readonly Slot[],
): Level[] {
  const widest = widestHole * median(slots.map(({ from, to }) => to - from));
  // A short gap that begins in one slot and ends in the next empties both, but does not split a step.
  const wide = series.flatMap(holesIn).filter(({ from, to }) => to - from > widest);
  const afterHole = (place: number) => {
    const between = { from: slots[place - 1]?.to ?? 0, to: slots[place]?.from ?? 0 };
    return wide.some((hole) => overlap(hole, between) > 0);
  };
  const offeredRates = together.length === 1 ? together[0]?.load.offeredRates : undefined;
  if (offeredRates !== undefined && offeredRates.length === slots.length)
    return levelsBetween(slots, (place) => offeredRates[place] !== offeredRates[place - 1] || afterHole(place));
  return levelsBetween(slots, afterHole).flatMap(({ from, to }) =>
    levelsOf(slots.slice(from, to).map(({ rate }) => rate)).map((level) => ({
      from: from + level.from,
      to: from + level.to,
    })),
  );
}

function levelsBetween(slots: readonly Slot[], isStart: (place: number) => boolean): Level[] {
  const starts = [...slots.keys()].filter((place) => place === 0 || isStart(place));
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? slots.length }));
}

export function meanRate(slots: readonly Slot[], { from, to }: Level): number {
  return slots.slice(from, to).reduce((sum, { rate }) => sum + rate, 0) / (to - from);
}
