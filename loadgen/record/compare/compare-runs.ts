// Compares two runs step by step and figure by figure, by windows rather than pooled messages.

import { defined } from '../../../core/defined.ts';
import { mostCorrelation, neighbourCorrelation } from './window-correlation.ts';
import { comparedFigures, type ComparedFigure, type StepWindows } from './step-windows.ts';
import { median } from '../../../core/statistics/statistics.ts';
import { medianDifference } from '../../../core/statistics/median-difference.ts';
import { leastProbability, mannWhitney } from '../../../core/statistics/mann-whitney.ts';

/** All comparisons of two runs together find a difference that is none in less than this share of cases. */
const significance = 0.05;
const confidence = 0.95;

/** Of a rate more is better, of the others less. */
const moreIsBetter: Readonly<Record<ComparedFigure, boolean>> = {
  p50: false,
  p99: false,
  achievedTps: true,
  cpuSecondsPerMessage: false,
};

type Finding = 'worse' | 'better' | 'no-difference-seen' | 'too-few-windows';

export interface FigureComparison {
  figure: ComparedFigure;
  /** Of B. */
  finding: Finding;
  windows: { a: number; b: number };
  /** How many of each would be needed; only where there are too few. */
  neededWindows?: number;
  /** Medians over windows, in seconds, messages per second or CPU seconds. */
  a?: number;
  b?: number;
  /** Of the medians, B over A minus 1, with the bounds of its 95 % interval. */
  difference?: { ratio: number; low: number; high: number };
  probability?: number;
  /** Of neighbouring windows, in A or B: from 0 for strangers to 1 for the same. */
  likeness?: number;
}

export interface StepComparison {
  targetTps?: number;
  lanes?: number;
  /** Counted from 1, in each run. */
  steps: { a: number; b: number };
  figures: readonly FigureComparison[];
}

export interface RunComparison {
  steps: readonly StepComparison[];
  /** Steps that the other run has no partner for. */
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

/** @returns steps of the same target, the n-th of a target with the n-th */
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
  const difference = medianDifference(a, b, confidence);
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

/** Holm's step-down: the least probability must pass the strictest level, and where one does not, none after it does. */
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
    if (finding !== 'no-difference-seen' || leastProbability(windows.a, windows.b) <= strictest) {
      return { ...comparison, finding };
    }
    return { ...comparison, finding: 'too-few-windows', neededWindows: neededFor(strictest) };
  });
}

/** The interval must agree: a median may be equal although ranks have moved. */
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

/** The test takes windows for independent: correlated ones are fewer samples than it counts. */
export const mayBeChance = ({ likeness = 0 }: Pick<FigureComparison, 'likeness'>): boolean =>
  likeness > mostCorrelation;

/** @returns what is worse by more than this share, also what may be chance */
export const worseBy = (comparison: RunComparison, share: number) =>
  comparison.steps.flatMap(({ steps, figures }) =>
    figures
      .filter(({ finding, difference }) => finding === 'worse' && Math.abs(difference?.ratio ?? 0) > share)
      .map((figure) => ({ step: steps.b, ...figure })),
  );
