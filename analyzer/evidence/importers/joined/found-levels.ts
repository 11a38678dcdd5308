// Splits a series of rates into levels; each level is a step of the load test.

import { median, normalMad } from '../../../../core/statistics/statistics.ts';

export interface Level {
  /** Indices in the series; `to` exclusive. */
  from: number;
  to: number;
}

/** Least change between levels, as a share of the larger one; the drift test of the steps detects smaller changes. */
const smallestChange = 0.05;

/** A series with more levels is not a staircase. */
const mostLevels = 200;

/**
 * Binary segmentation: splits where the two means explain the largest sum of squares, as long as that exceeds noise
 * (twice its variance times the logarithm of the length, for the mean and the place: Schwarz's criterion) and the levels
 * differ. The noise is estimated from differences between neighbours, which levels do not affect.
 */
export function levelsOf(rates: readonly number[]): Level[] {
  if (rates.length === 0) return [];
  const sums = [0];
  const squares = [0];
  for (const [place, rate] of rates.entries()) {
    sums.push((sums[place] as number) + rate);
    squares.push((squares[place] as number) + rate * rate);
  }
  const penalty = 4 * noiseOf(rates) ** 2 * Math.log(Math.max(2, rates.length));
  const cuts: number[] = [];
  const open: Level[] = [{ from: 0, to: rates.length }];
  for (let level = open.pop(); level !== undefined && cuts.length < mostLevels; level = open.pop()) {
    const cut = bestCut(level, sums, squares);
    if (cut === undefined || cut.gain <= penalty || !isOther(level, cut.place, sums)) continue;
    cuts.push(cut.place);
    open.push({ from: level.from, to: cut.place }, { from: cut.place, to: level.to });
  }
  const edges = [0, ...cuts.toSorted((a, b) => a - b), rates.length];
  return merged(
    edges.slice(1).map((to, index) => ({ from: edges[index] as number, to })),
    sums,
  );
}

function bestCut({ from, to }: Level, sums: readonly number[], squares: readonly number[]) {
  const cost = (start: number, end: number) => {
    const sum = (sums[end] as number) - (sums[start] as number);
    return (squares[end] as number) - (squares[start] as number) - (sum * sum) / (end - start);
  };
  const whole = cost(from, to);
  let best: { place: number; gain: number } | undefined;
  for (let place = from + 1; place < to; place += 1) {
    const gain = whole - cost(from, place) - cost(place, to);
    if (best === undefined || gain > best.gain) best = { place, gain };
  }
  return best;
}

const meanOf = ({ from, to }: Level, sums: readonly number[]) =>
  ((sums[to] as number) - (sums[from] as number)) / (to - from);

function isOther({ from, to }: Level, place: number, sums: readonly number[]): boolean {
  const [before, after] = [meanOf({ from, to: place }, sums), meanOf({ from: place, to }, sums)];
  return Math.abs(before - after) > smallestChange * Math.max(before, after);
}

/** A later split may make two neighbours equal. */
function merged(levels: readonly Level[], sums: readonly number[]): Level[] {
  const kept: Level[] = [];
  for (const level of levels) {
    const last = kept.at(-1);
    if (last && !isOther({ from: last.from, to: level.to }, level.from, sums))
      kept[kept.length - 1] = { from: last.from, to: level.to };
    else kept.push(level);
  }
  return kept;
}

/** Median of the differences of neighbours, scaled for a normal distribution; at least a thousandth of the median. */
function noiseOf(rates: readonly number[]): number {
  const differences = rates.slice(1).map((rate, index) => Math.abs(rate - (rates[index] as number)));
  return Math.max(differences.length === 0 ? 0 : (normalMad * median(differences)) / Math.SQRT2, 0.001 * median(rates));
}
