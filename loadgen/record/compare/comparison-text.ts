// Renders a run comparison as text, one line per figure.

import { mayBeChance, type FigureComparison, type RunComparison, type StepComparison } from './compare-runs.ts';
import type { ComparedFigure } from './step-windows.ts';
import { percentText, rateText } from '../../../core/text/quantity-text.ts';
import { durationText } from '../../../core/text/duration-text.ts';

const slowness = { worse: 'B is slower', better: 'B is faster' };
const texts: Readonly<Record<ComparedFigure, { title: string; worse: string; better: string }>> = {
  p50: { title: 'p50', ...slowness },
  p99: { title: 'p99', ...slowness },
  achievedTps: { title: 'rate', worse: 'B has a lower throughput', better: 'B has a higher throughput' },
  cpuSecondsPerMessage: { title: 'generator CPU per message', worse: 'B uses more CPU', better: 'B uses less CPU' },
};

export function comparisonLines({ steps, unmatched }: RunComparison, windowSeconds: number): string[] {
  return [
    ...steps.flatMap((step) => [titleOf(step), ...step.figures.map((figure) => `  ${lineOf(figure)}`)]),
    ...enoughWindows(steps, windowSeconds),
    ...leftOver('A', unmatched.a),
    ...leftOver('B', unmatched.b),
  ];
}

/** Suggests how many windows would suffice. */
function enoughWindows(steps: readonly StepComparison[], windowSeconds: number): string[] {
  const needed = Math.max(0, ...steps.flatMap(({ figures }) => figures.map(({ neededWindows = 0 }) => neededWindows)));
  return needed === 0 ? [] : [`steps of ${needed * windowSeconds} s would be enough, or shorter windows (--window)`];
}

const titleOf = ({ targetTps, lanes, steps: { a, b } }: StepComparison) =>
  `${targetTps === undefined ? `${lanes ?? 0} lanes` : rateText(targetTps)} (step ${a} of A, step ${b} of B)`;

const leftOver = (run: string, steps: readonly number[]) =>
  steps.length === 0 ? [] : [`in one run only: ${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')} of ${run}`];

/** `p99: B is slower by 12% (8% to 17%), 12 ms against 10.7 ms, p = 0.002`. */
export function lineOf(comparison: FigureComparison): string {
  const { figure, finding, a, b, probability, likeness = 0 } = comparison;
  const measured =
    a === undefined || b === undefined ? '' : `, ${figureText(figure, b)} against ${figureText(figure, a)}`;
  const chance = probability === undefined ? '' : `, p = ${Number(probability.toPrecision(2))}`;
  const isFound = finding === 'worse' || finding === 'better';
  const doubt =
    isFound && mayBeChance(comparison)
      ? `; may be chance, since adjacent windows are correlated (${likeness.toFixed(1)}): use longer windows`
      : '';
  return `${texts[figure].title}: ${verdictOf(comparison)}${measured}${chance}${doubt}`;
}

function verdictOf({ figure, finding, difference, windows, neededWindows }: FigureComparison): string {
  switch (finding) {
    case 'no-difference-seen':
      return 'no difference seen';
    case 'too-few-windows':
      return `too few windows to compare (${windows.b} against ${windows.a}; ${neededWindows ?? 'more'} of each are needed)`;
    case 'worse':
    case 'better': {
      const { ratio = 0, low = 0, high = 0 } = difference ?? {};
      const [near, far] = [Math.abs(low), Math.abs(high)].toSorted((x, y) => x - y);
      return `${texts[figure][finding]} by ${percentText(Math.abs(ratio))} (${percentText(near ?? 0)} to ${percentText(far ?? 0)})`;
    }
  }
}

const figureText = (figure: ComparedFigure, value: number): string =>
  figure === 'achievedTps' ? rateText(value) : durationText(value);
