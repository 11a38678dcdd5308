// Finds the judged part of a step: rates, latencies and use of resources are all read in this window.

import { holesIn, overlap } from '../../evidence/holes.ts';
import type { Produced, RecordedStep, Span } from '../../evidence/load-test-run.ts';
import { warmUpBatch, warmUpCut } from './steady-state.ts';
import { quantile } from '../../../core/statistics/statistics.ts';

/** @returns the step without settling and warm-up; empty if no second is settled */
export function settledWindow(
  produced: readonly Produced[],
  recorded: Pick<RecordedStep, 'from' | 'to' | 'plannedSeconds'>,
  settleSeconds: number,
): { window: Span; sampleSeconds: number } {
  const afterSettling = { from: Math.min(recorded.from + settleSeconds, recorded.to), to: recorded.to };
  const sampleSeconds = sampleLength(within(produced, afterSettling));
  const settled = sampleSeconds > 1 ? fromWholeSample(produced, recorded, afterSettling) : afterSettling;
  const rehearsal = ratesOf(
    within(produced, settled),
    { ...settled, sampleSeconds },
    ({ acknowledged }) => acknowledged,
  );
  const batch = warmUpBatch((recorded.plannedSeconds - settleSeconds) / sampleSeconds);
  const places = [...rehearsal.keys()].filter((place) => rehearsal[place] !== undefined);
  const [first = 0, kept = first] = [places[0], places[warmUpCut(known(rehearsal), batch)]];
  return {
    window: { from: settled.from + (kept - first) * sampleSeconds, to: settled.to },
    sampleSeconds,
  };
}

/** An interval belongs to the window that contains its middle, because timers are slightly late. */
export function within<T extends Span>(lines: readonly T[], window: Span): T[] {
  return lines.filter(({ from, to }) => isInside((from + to) / 2, window));
}

export function isInside(moment: number, window: Span): boolean {
  return moment >= window.from && moment < window.to;
}

/** Tolerated delay of a report in seconds; a sample may be shorter by this much. */
export const timerSlack = 0.05;

export interface SampledSpan extends Span {
  sampleSeconds: number;
}

/** Tools that print every five or ten seconds do not resolve the seconds between, which are not separate samples. */
function sampleLength(lines: readonly Span[]): number {
  const usual = usualLength(lines);
  return usual < 1.5 ? 1 : usual;
}

/** @returns seconds; 1 without lines */
export function usualLength(lines: readonly Span[]): number {
  const lengths = lines.map(({ from, to }) => to - from);
  return lengths.length === 0 ? 1 : quantile(lengths, 0.5);
}

/** A sample mostly after the settling time is used whole, because a cut sample would be lost. */
function fromWholeSample(lines: readonly Produced[], recorded: Pick<RecordedStep, 'from'>, { from, to }: Span): Span {
  const begins = within(lines, { from, to }).reduce((earliest, line) => Math.min(earliest, line.from), from);
  return { from: Math.max(recorded.from, begins), to };
}

/**
 * Spreads each interval evenly over the samples of the window that it covers.
 *
 * @returns undefined for a sample that the intervals do not cover, which is unknown and not the same as no messages
 */
export function ratesOf<T extends Span & { worker: string }>(
  lines: readonly T[],
  window: SampledSpan,
  value: (line: T) => number,
  holes: readonly Span[] = holesOf(lines),
): (number | undefined)[] {
  const { from, to, sampleSeconds } = window;
  const slack = timerSlack * sampleSeconds;
  const slots = Array.from({ length: Math.max(0, Math.floor((to - from + slack) / sampleSeconds)) }, () => 0);
  for (const line of lines) {
    const rate = value(line) / (line.to - line.from) / sampleSeconds;
    const first = Math.max(0, Math.floor((line.from - from) / sampleSeconds));
    for (let slot = first; slot < slots.length && from + slot * sampleSeconds < line.to; slot += 1) {
      const begins = from + slot * sampleSeconds;
      const covered = Math.min(line.to, begins + sampleSeconds) - Math.max(line.from, begins);
      slots[slot] = (slots[slot] as number) + rate * Math.max(0, covered);
    }
  }
  // Lines before the first whole interval belong to the settling time; slots that they half fill are not samples.
  const begins = lines.reduce((earliest, line) => Math.min(earliest, line.from), Number.POSITIVE_INFINITY);
  const ends = lines.reduce((latest, line) => Math.max(latest, line.to), Number.NEGATIVE_INFINITY);
  const uncovered = [
    { from: Number.NEGATIVE_INFINITY, to: begins },
    ...holes,
    { from: ends, to: Number.POSITIVE_INFINITY },
  ];
  const rates: (number | undefined)[] = slots;
  for (const time of uncovered) {
    const first = Math.max(0, Math.floor((time.from - from) / sampleSeconds));
    for (let slot = first; slot < rates.length && from + slot * sampleSeconds < time.to; slot += 1) {
      const sample = { from: from + slot * sampleSeconds, to: from + (slot + 1) * sampleSeconds };
      if (overlap(time, sample) > slack) rates[slot] = undefined;
    }
  }
  return rates;
}

/** Without figures of one worker, the sum of all is unknown. */
export function holesOf(lines: readonly (Span & { worker: string })[]): Span[] {
  return [...Map.groupBy(lines, ({ worker }) => worker).values()].flatMap(holesIn);
}

/** @returns the samples that both series cover */
export function knownInBoth(
  rates: readonly (number | undefined)[],
  others: readonly (number | undefined)[],
): [number, number][] {
  return rates.flatMap((rate, sample): [number, number][] => {
    const other = others[sample];
    return rate === undefined || other === undefined ? [] : [[rate, other]];
  });
}

/** @returns the samples that are covered */
export function known(rates: readonly (number | undefined)[]): number[] {
  return rates.filter((rate) => rate !== undefined);
}
