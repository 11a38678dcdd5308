// Computes the throughput difference between two values of a parameter, from alternating runs.

import { mean, studentT } from '../../../core/statistics/statistics.ts';

const sides = ['a', 'b'] as const;
export type Side = (typeof sides)[number];

export interface TurnRun {
  side: Side;
  /** Throughput of the run, messages per second. */
  tps: number;
}

export type Effect =
  | {
      kind: 'measured';
      /** Throughput of b over that of a. */
      ratio: number;
      low: number;
      high: number;
      confidence: number;
      /** `b-more`, `a-more`: the whole interval is on that side of 1. */
      verdict: 'a-more' | 'b-more' | 'no-difference-seen';
      /** Throughput of a turn over that of the previous one with equal settings, such as for machines that warm up or disks that fill. */
      driftPerTurn: number;
      /** Relative spread of single runs beyond both effects. */
      spread: number;
    }
  | { kind: 'unknown'; missing: string };

const confidence = 0.9;

/**
 * Least squares of ln(tps) = mean + effect · [b] + drift · turn, by the turns of the runs. The interval of the effect
 * is Student's with n − 3 degrees of freedom. A linear drift does not bias the effect in any order, and with turns a b b a
 * it costs no precision either.
 *
 * @param runs in order of execution
 * @returns unknown with fewer than four runs, or if one value has fewer than two
 */
export function effectOf(runs: readonly TurnRun[]): Effect {
  const count = (side: Side) => runs.filter((run) => run.side === side).length;
  if (count('a') < 2 || count('b') < 2) {
    return { kind: 'unknown', missing: 'two runs of each value at least; eight in all make a useful interval' };
  }
  if (!runs.every(({ tps }) => tps > 0)) return { kind: 'unknown', missing: 'a run with an achieved rate, of each' };
  const n = runs.length;
  const logs = centred(runs.map(({ tps }) => Math.log(tps)));
  const isB = centred(runs.map(({ side }) => (side === 'b' ? 1 : 0)));
  const turn = centred(runs.map((_, index) => index));
  const [bb, tt, bt] = [product(isB, isB), product(turn, turn), product(isB, turn)];
  const [by, ty] = [product(isB, logs), product(turn, logs)];
  const determinant = bb * tt - bt * bt;
  const effect = (tt * by - bt * ty) / determinant;
  const drift = (bb * ty - bt * by) / determinant;
  const rest = logs.reduce((sum, log, i) => sum + (log - effect * (isB[i] ?? 0) - drift * (turn[i] ?? 0)) ** 2, 0);
  const spread = Math.sqrt(rest / (n - 3));
  const reach = studentT(confidence, n - 3) * spread * Math.sqrt(tt / determinant);
  const [low, high] = [Math.exp(effect - reach), Math.exp(effect + reach)];
  return {
    kind: 'measured',
    ratio: Math.exp(effect),
    low,
    high,
    confidence,
    verdict: low > 1 ? 'b-more' : high < 1 ? 'a-more' : 'no-difference-seen',
    driftPerTurn: Math.exp(drift),
    spread,
  };
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

const product = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
