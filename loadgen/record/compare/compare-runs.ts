// Compares two runs step by step and figure by figure, by windows instead of pooled messages.

import { defined } from '../../../core/defined.ts';
import { type ComparedFigure, comparedFigures, type StepWindows } from './step-windows.ts';
import { mean, median } from '../../../core/statistics/statistics.ts';
import { medianDifference, leastProbability, mannWhitney } from '../../../core/statistics/two-samples.ts';

/** Probability that the comparison of two runs reports at least one difference that does not exist. */
const significance = 0.05;
const confidence = 0.95;

/** Higher rates are better; higher values of the other figures are worse. */
const moreIsBetter: Readonly<Record<ComparedFigure, boolean>> = {
  p50: false,
  p99: false,
  achievedTps: true,
  cpuSecondsPerMessage: false,
};

type Finding = 'worse' | 'better' | 'no-difference-seen' | 'too-few-windows';

export interface FigureComparison {
  figure: ComparedFigure;
  /** Result for run B. */
  finding: Finding;
  windows: { a: number; b: number };
  /** Windows needed in each run; present only if there are too few. */
  neededWindows?: number;
  /** Medians over windows, in seconds, messages per second or CPU seconds. */
  a?: number;
  b?: number;
  /** Relative difference of the medians, B over A minus 1, with the bounds of its 95 % interval. */
  difference?: { ratio: number; low: number; high: number };
  probability?: number;
  /** Correlation of neighbouring windows, in A or B: from 0 for independent to 1 for equal. */
  likeness?: number;
}

export interface StepComparison {
  targetTps?: number;
  lanes?: number;
  /** Step numbers in each run, counted from 1. */
  steps: { a: number; b: number };
  figures: readonly FigureComparison[];
}

export interface RunComparison {
  steps: readonly StepComparison[];
  /** Steps without a matching step in the other run. */
  unmatched: { a: readonly number[]; b: readonly number[] };
}

export function compareRuns(a: readonly StepWindows[], b: readonly StepWindows[]): RunComparison {
  const pairs = pairUp(a, b);
  const comparisons = pairs.flatMap(([ofA, ofB]) => comparedFigures.map((figure) => compare(figure, ofA, ofB)));
  const found = withFindings(comparisons);
  const [pairedA, pairedB] = [0, 1].map((side) => new Set(pairs.map((pair) => pair[side as 0 | 1])));
  return {
    steps: pairs.map(([ofA, ofB], index) => ({
      ...defined({ targetTps: ofA.targetTps, lanes: ofA.lanes }),
      steps: { a: ofA.step, b: ofB.step },
      figures: found.slice(index * comparedFigures.length, (index + 1) * comparedFigures.length),
    })),
    unmatched: {
      a: a.filter((step) => !pairedA?.has(step)).map(({ step }) => step),
      b: b.filter((step) => !pairedB?.has(step)).map(({ step }) => step),
    },
  };
}

/** @returns pairs of steps with the same target: the n-th step of a target with the n-th */
function pairUp(a: readonly StepWindows[], b: readonly StepWindows[]): [StepWindows, StepWindows][] {
  const left = [...b];
  return a.flatMap((step): [StepWindows, StepWindows][] => {
    const at = left.findIndex(({ targetTps, lanes }) => targetTps === step.targetTps && lanes === step.lanes);
    const [partner] = at < 0 ? [] : left.splice(at, 1);
    return partner === undefined ? [] : [[step, partner]];
  });
}

type Compared = Omit<FigureComparison, 'finding'>;

function compare(figure: ComparedFigure, stepA: StepWindows, stepB: StepWindows): Compared {
  const [a, b] = [stepA.figures[figure], stepB.figures[figure]];
  const windows = { a: a.length, b: b.length };
  // A single window shows no spread: its interval would have no width.
  const difference = isSpreadKnown(windows) ? medianDifference(a, b, confidence) : undefined;
  if (difference === undefined) return { figure, windows };
  const likenesses = [a, b].map(neighbourCorrelation).filter((value) => value !== undefined);
  return {
    figure,
    windows,
    a: median(a),
    b: median(b),
    difference,
    probability: mannWhitney(a, b),
    ...(likenesses.length > 0 && { likeness: Math.max(...likenesses) }),
  };
}

const isSpreadKnown = ({ a, b }: Compared['windows']) => Math.min(a, b) > 1;

/**
 * Holm's step-down: the smallest probability must pass the strictest level; after the first that fails, all others
 * fail.
 */
function withFindings(compared: readonly Compared[]): FigureComparison[] {
  const ranked = compared.toSorted((x, y) => (x.probability ?? 1) - (y.probability ?? 1));
  const significant = new Set<Compared>();
  for (const [rank, comparison] of ranked.entries()) {
    if ((comparison.probability ?? 1) > significance / (compared.length - rank)) break;
    significant.add(comparison);
  }
  const strictest = significance / Math.max(1, compared.length);
  return compared.map((comparison) => {
    const { figure, windows, difference } = comparison;
    const finding = findingOf(figure, difference, significant.has(comparison));
    const isEnough = isSpreadKnown(windows) && leastProbability(windows.a, windows.b) <= strictest;
    if (finding !== 'no-difference-seen' || isEnough) {
      return { ...comparison, finding };
    }
    return { ...comparison, finding: 'too-few-windows', neededWindows: neededFor(strictest) };
  });
}

/** The interval must agree, because medians may be equal although ranks have moved. */
function findingOf(figure: ComparedFigure, difference: Compared['difference'], isSignificant: boolean): Finding {
  if (difference === undefined || !isSignificant || (difference.low <= 0 && difference.high >= 0)) {
    return 'no-difference-seen';
  }
  return difference.ratio > 0 === moreIsBetter[figure] ? 'better' : 'worse';
}

function neededFor(level: number): number {
  let windows = 1;
  while (leastProbability(windows, windows) > level) windows += 1;
  return windows;
}

/** The test assumes independent windows: correlated windows are effectively fewer samples. */
export const mayBeChance = ({ likeness = 0 }: Pick<FigureComparison, 'likeness'>): boolean =>
  likeness > mostCorrelation;

/** @returns figures that are worse by more than this share, including differences that may be chance */
export const worseBy = (comparison: RunComparison, share: number) =>
  comparison.steps.flatMap(({ steps, figures }) =>
    figures
      .filter(({ finding, difference }) => finding === 'worse' && Math.abs(difference?.ratio ?? 0) > share)
      .map((figure) => ({ step: steps.b, ...figure })),
  );

/**
 * Above it, a difference may well be chance: at 0.3, a fifth of identical pairs were reported as different
 * (docs/reference/run-results.md).
 */
const mostCorrelation = 0.3;

/**
 * Lag-1 autocorrelation, corrected for the bias of short series: about (1 + 3r) / n too low (Marriott and Pope 1954;
 * Kendall 1954).
 *
 * @returns undefined for fewer than six values or if all are equal
 */
export function neighbourCorrelation(values: readonly number[]): number | undefined {
  const n = values.length;
  if (n < 6) return undefined;
  const middle = mean(values);
  const away = values.map((value) => value - middle);
  const all = away.reduce((sum, value) => sum + value * value, 0);
  if (all === 0) return undefined;
  const neighbours = away.slice(1).reduce((sum, value, index) => sum + value * (away[index] ?? 0), 0);
  const r = neighbours / all;
  return Math.max(-1, Math.min(1, r + (1 + 3 * r) / n));
}
