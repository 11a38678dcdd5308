// The forecast candidates: the same time last week, and a regression with daily and weekly season.

import type { ForecastMethod } from '../../core/documents/forecast.ts';
import type { Candidate, Past } from './candidates/candidate.ts';
import { holtWinters } from './candidates/holt-winters.ts';
import { solvePositive } from '../../core/statistics/solve.ts';

export const candidates = {
  'seasonal-naive': seasonalNaive,
  'holt-winters-additive': holtWinters.additive,
  'holt-winters-multiplicative': holtWinters.multiplicative,
  'seasonal-regression': seasonalRegression,
} satisfies Record<ForecastMethod, Candidate>;

/** Returns the last known value of the same slot of the week. */
export function seasonalNaive({ values, slots, period }: Past, future: Int32Array): Float64Array {
  const last = new Float64Array(period).fill(Number.NaN);
  for (const [i, value] of values.entries()) {
    if (!Number.isNaN(value)) last[slots[i] as number] = value;
  }
  return Float64Array.from(future, (slot) => last[slot] as number);
}

const mostWeeks = 12;
/** Frequencies per week: multiples of 7 are daily; their neighbours let weekdays differ in shape. */
const hourlyWaves = [1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 20, 21, 22, 27, 28, 29, 35, 42];
const dailyWaves = [1, 2, 3];
/** Share of a column's sum of squares added to the diagonal, so that gaps leave the equations solvable. */
const ridge = 1e-6;

/**
 * Fits the logarithm if all values are above 0, since growth and waves multiply. The deviation of the last week from the line
 * is carried forward, because a line over weeks lags behind a turn.
 *
 * Hours of a promotion are passed as unknown, which is equivalent to an indicator variable for each of them.
 */
export function seasonalRegression(past: Past, future: Int32Array): Float64Array {
  const { values, slots, period, stepsPerDay, isPositive } = past;
  const waves = (stepsPerDay === 1 ? dailyWaves : hourlyWaves).filter((wave) => wave < period / 2);
  const from = Math.max(0, values.length - mostWeeks * period);
  const bySlot = Array.from({ length: period }, (_, slot) =>
    waves.flatMap((wave) => {
      const angle = (2 * Math.PI * wave * slot) / period;
      return [Math.cos(angle), Math.sin(angle)];
    }),
  );
  const timeOf = (i: number) => (i - values.length) / period;
  const scaled = (value: number) => (isPositive ? Math.log(value) : value);
  // The waves of a slot are the same every week, so sums over its values are sufficient.
  const sums = bySlot.map(() => ({ count: 0, t: 0, tt: 0, y: 0, ty: 0 }));
  for (let i = from; i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const [sum, t, y] = [sums[slots[i]!]!, timeOf(i), scaled(value)];
    sum.count += 1;
    sum.t += t;
    sum.tt += t * t;
    sum.y += y;
    sum.ty += t * y;
  }
  const size = 2 + 2 * waves.length;
  const matrix = Array.from({ length: size }, () => new Float64Array(size));
  const target = new Float64Array(size);
  const [ones, times, ...ofWaves] = matrix as [Float64Array, Float64Array, ...Float64Array[]];
  for (const [slot, { count, t, tt, y, ty }] of sums.entries()) {
    if (count === 0) continue;
    const row = bySlot[slot]!;
    ones[0]! += count;
    times[0]! += t;
    times[1]! += tt;
    target[0]! += y;
    target[1]! += ty;
    for (let a = 0; a < row.length; a += 1) {
      const [line, part] = [ofWaves[a]!, row[a]!];
      line[0]! += part * count;
      line[1]! += part * t;
      for (let b = 0; b <= a; b += 1) line[2 + b]! += part * count * row[b]!;
      target[2 + a]! += part * y;
    }
  }
  for (let a = 0; a < size; a += 1) matrix[a]![a]! *= 1 + ridge;
  const weights = solvePositive(matrix, target);
  if (weights === undefined) return new Float64Array(future.length).fill(Number.NaN);
  const [base = 0, slope = 0, ...amplitudes] = weights;
  const season = bySlot.map((row) => row.reduce((sum, part, index) => sum + part * amplitudes[index]!, 0));
  const valueAt = (i: number, slot: number) => base + slope * timeOf(i) + season[slot]!;
  let [sum, count] = [0, 0];
  for (let i = Math.max(from, values.length - period); i < values.length; i += 1) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    sum += scaled(value) - valueAt(i, slots[i] as number);
    count += 1;
  }
  const meanResidual = count === 0 ? 0 : sum / count;
  return Float64Array.from(future, (slot, h) => {
    const value = valueAt(values.length + h, slot) + meanResidual;
    return isPositive ? Math.exp(value) : Math.max(0, value);
  });
}
