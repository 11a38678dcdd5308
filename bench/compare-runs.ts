// Measures false alarms and misses of run comparisons on simulated windows with known differences.

import { z } from 'zod';
import { compareRuns } from '../loadgen/record/compare/compare-runs.ts';
import { comparedFigures, type StepWindows } from '../loadgen/record/compare/step-windows.ts';
import { drawOf } from '../loadgen/plan/messages/draw.ts';
import type { Bench, BenchResult } from './bench.ts';

const CompareOptions = z.object({ pairs: z.coerce.number().int().min(20).max(100_000).default(500) });

/** Relative scatter of window figures: typical between seconds in an idle lab. */
const scatter = 0.05;
const usual = { p50: 0.002, p99: 0.01, achievedTps: 1000, cpuSecondsPerMessage: 1e-5 };

interface Case {
  windows: number;
  /** Relative increase of p99 in run B. */
  slower: number;
  /** Correlation of a window with the previous one. */
  likeness: number;
}

const cases: readonly Case[] = [
  { windows: 6, slower: 0, likeness: 0 },
  { windows: 12, slower: 0, likeness: 0 },
  { windows: 24, slower: 0, likeness: 0 },
  { windows: 12, slower: 0, likeness: 0.3 },
  { windows: 12, slower: 0, likeness: 0.6 },
  { windows: 12, slower: 0.05, likeness: 0 },
  { windows: 6, slower: 0.12, likeness: 0 },
  { windows: 12, slower: 0.12, likeness: 0 },
];

export const compareRunsBench = {
  name: 'compare-runs',
  summary: 'how often `plimsoll compare` finds a difference that is none, and one that is there',
  options: { pairs: { type: 'string', value: 'N', help: 'of runs in each case, default 500' } },

  async run({ options, signal }) {
    const { pairs } = CompareOptions.parse(options);
    return cases.map((each) => {
      signal.throwIfAborted();
      return resultOf(each, pairs);
    });
  },
} satisfies Bench;

function resultOf(each: Case, pairs: number): BenchResult {
  const { windows, slower, likeness } = each;
  const found = Array.from({ length: pairs }, (_, pair) => {
    const a = simulate(2 * pair + 1, { ...each, slower: 0 });
    const [step] = compareRuns([a], [simulate(2 * pair + 2, each)]).steps;
    return (step?.figures ?? []).some(({ figure, finding }) =>
      slower > 0 ? figure === 'p99' && finding === 'worse' : finding === 'worse' || finding === 'better',
    );
  }).filter(Boolean).length;
  const truth = slower > 0 ? `p99 ${Math.round(slower * 100)}% longer` : 'the same';
  const isPromised = slower === 0 && likeness === 0;
  return {
    metric: `${windows} windows each, ${truth}, likeness ${likeness}: found different`,
    unit: 'ratio',
    ours: found / pairs,
    goal: isPromised ? 'at most 0.05' : 'none',
    // 500 draws scatter, so up to half as much again is accepted.
    ...(isPromised && { met: found / pairs <= 0.05 * 1.5 }),
  };
}

function simulate(seed: number, { windows, slower, likeness }: Case): StepWindows {
  const draw = drawOf(seed, 77);
  let drawn = 0;
  // The sum of twelve uniform draws is almost normally distributed with deviation 1.
  const normal = () => Array.from({ length: 12 }, () => draw(drawn++)).reduce((sum, value) => sum + value, -6);
  const around = (value: number) => {
    let state = normal();
    return Array.from({ length: windows }, () => {
      state = likeness * state + Math.sqrt(1 - likeness ** 2) * normal();
      return value * Math.exp(scatter * state);
    });
  };
  const figures = Object.fromEntries(
    comparedFigures.map((figure) => [figure, around(usual[figure] * (figure === 'p99' ? 1 + slower : 1))]),
  ) as StepWindows['figures'];
  return { step: 1, targetTps: 1000, figures };
}
