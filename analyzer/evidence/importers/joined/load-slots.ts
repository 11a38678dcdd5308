// Adds up the rates of loads that ran together over time, and finds where the sum changes level.

import type { Span } from '../../load-test-run.ts';
import type { LoadWindow } from '../load-tests/load-test-importer.ts';
import { levelsOf, type Level } from './found-levels.ts';
import type { PlacedLoad } from './load-clock.ts';
import { median } from '../../../../core/statistics/statistics.ts';

export interface Slot extends Span {
  rate: number;
}

export const rateOf = ({ from, to, messages }: LoadWindow) => messages / (to - from);

export function shifted(windows: readonly LoadWindow[], seconds: number): LoadWindow[] {
  return windows
    .filter(({ from, to }) => to > from)
    .map((window) => ({ ...window, from: window.from + seconds, to: window.to + seconds }));
}

/** The windows of one load, or even slots as long as the usual window over those of several. */
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
  for (const window of all) {
    const first = Math.max(0, Math.floor((window.from - from) / length));
    for (let place = first; place < count; place += 1) {
      const slot = slots[place] as Slot;
      if (slot.from >= window.to) break;
      slot.rate +=
        (rateOf(window) * Math.max(0, Math.min(window.to, slot.to) - Math.max(window.from, slot.from))) / length;
    }
  }
  return slots;
}

function isOneAfterTheOther(windows: readonly LoadWindow[]): boolean {
  return windows.every(({ from }, index) => index === 0 || from >= (windows[index - 1]?.to ?? 0) - 0.05);
}

/** A known target rate decides the steps: a new one begins where it changes. */
export function levelsFor(together: readonly PlacedLoad[], slots: readonly Slot[]): Level[] {
  const offeredRates = together.length === 1 ? together[0]?.load.offeredRates : undefined;
  if (offeredRates === undefined || offeredRates.length !== slots.length)
    return levelsOf(slots.map(({ rate }) => rate));
  const starts = offeredRates.flatMap((rate, place) =>
    place === 0 || rate !== offeredRates[place - 1] ? [place] : [],
  );
  return starts.map((from, index) => ({ from, to: starts[index + 1] ?? offeredRates.length }));
}

export function meanRate(slots: readonly Slot[], { from, to }: Level): number {
  return slots.slice(from, to).reduce((sum, { rate }) => sum + rate, 0) / (to - from);
}
