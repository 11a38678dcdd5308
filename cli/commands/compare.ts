// Compares two runs, step by step and by their verdicts, and marks differences that could be chance.

import { join } from 'node:path';
import {
  compareVerdicts,
  isKept,
  isLost,
  isWorseBy,
  type VerdictComparison,
} from '../../analyzer/review/compare/compare-verdicts.ts';
import { driftOf } from '../../analyzer/evidence/fingerprint.ts';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { Duration, Percentage } from '../../core/text/quantity.ts';
import { readJournalLines } from '../../loadgen/record/bundle/journal-lines.ts';
import type { LoadTestDocument } from '../../loadgen/plan/stored-workload.ts';
import {
  compareRuns,
  mayBeChance,
  worseBy,
  type RunComparison,
  type FigureComparison,
  type StepComparison,
} from '../../loadgen/record/compare/compare-runs.ts';
import { readStepWindows, type StepWindows, type ComparedFigure } from '../../loadgen/record/compare/step-windows.ts';
import { driftLines, isAnalysisFile, readVerdict, verdictLines } from '../../app/analysis/verdict-comparison.ts';
import { type CommandIo, defineCommand, flag, option, printDocument } from '../command.ts';
import { policyOf, policyOption } from '../options.ts';
import { percentText, rateText } from '../../core/text/quantity-text.ts';
import { durationText } from '../../core/text/duration-text.ts';

/** Windows shorter than this share queues and garbage collections with their neighbours. */
const usualWindowSeconds = 5;
/** Reached by soaks of hours: more windows add no information, and each is redrawn thousands of times. */
const mostWindows = 200;

export const compareCommand = defineCommand({
  positionals: 'A B',
  options: {
    window: option(
      'TIME',
      'length of the windows to compare (default 5s, longer if a step has more than 200 of them)',
      Duration.refine((window) => window >= 1, {
        error: 'workers report each second, so a window has at least 1s',
      }).optional(),
    ),
    'fail-if-worse': option(
      'SHARE',
      'exit with code 6 if B is significantly worse by more than this, such as 5%; with code 3 if that is unknown',
      Percentage.optional(),
    ),
    drift: flag(
      'compare only the settings of both verdicts; exit with code 6 if one differs, which means that the verdict of A has expired',
    ),
    config: policyOption,
    json: flag('print the result as one JSON document'),
  },
  examples: [
    'plimsoll compare runs/before runs/after',
    'plimsoll compare runs/main runs/pull-request --fail-if-worse 5%',
    'plimsoll compare approved.json runs/today --drift',
  ],

  async run(io) {
    const { positionals, options, stderr, signal } = io;
    const [directoryA, directoryB, more] = positionals;
    if (directoryA === undefined || directoryB === undefined || more !== undefined) {
      throw new AppError('usage', 'compare takes two runs or analyses', { hint: 'plimsoll compare A B' });
    }
    const { 'fail-if-worse': limit } = options;
    const runs = { a: directoryA, b: directoryB };
    const reading = { policy: await policyOf(io), signal };
    if (options.drift) return printDrift(runs, reading, io);
    if ((await isAnalysisFile(directoryA)) || (await isAnalysisFile(directoryB))) {
      const verdicts = await verdictsOf(directoryA, directoryB, reading);
      const isWorse = limit !== undefined && isWorseBy(verdicts, limit);
      printDocument(io, { schemaVersion: 1, runs, verdicts }, () => linesOf(verdictLines(verdicts)));
      if (isWorse) stderr.write(`worse than allowed: ${verdictLines(verdicts)[0]}\n`);
      const isUnknown = limit !== undefined && verdicts.finding === 'not-comparable' && !isKept(verdicts, limit);
      return gateCode(isWorse, isUnknown ? verdictLines(verdicts).slice(0, 1) : [], stderr);
    }
    const documents = [await documentOf(directoryA, signal), await documentOf(directoryB, signal)];
    const window = options.window ?? windowFor(documents);
    const [a, b] = [await windowsOf(directoryA, window, signal), await windowsOf(directoryB, window, signal)];
    const comparison = compareRuns(a, b);
    const verdicts = await verdictsOf(directoryA, directoryB, reading);
    if (comparison.steps.length === 0 && verdicts.finding === 'not-comparable') {
      throw new AppError('usage', `${directoryA} and ${directoryB} have no step of the same rate in common`, {
        hint: `rates of A: ${ratesOf(a)}; of B: ${ratesOf(b)}`,
      });
    }
    const found = limit === undefined ? [] : worseBy(comparison, limit);
    const worse = found.filter((figure) => !mayBeChance(figure));
    const isVerdictWorse = limit !== undefined && isWorseBy(verdicts, limit);
    const verdict = limit === undefined ? {} : { worse: worse.map(({ step, figure }) => ({ step, figure })) };
    printDocument(io, { schemaVersion: 1, runs, windowSeconds: window, ...comparison, verdicts, ...verdict }, () =>
      linesOf([...comparisonLines(comparison, window), ...verdictLines(verdicts)]),
    );
    for (const figure of worse) stderr.write(`worse than allowed in step ${figure.step} of B: ${lineOf(figure)}\n`);
    if (isVerdictWorse) stderr.write(`worse than allowed: ${verdictLines(verdicts)[0]}\n`);
    const doubtful = found.filter(mayBeChance).map((figure) => `step ${figure.step} of B: ${lineOf(figure)}`);
    const unchecked = limit === undefined ? [] : uncheckedOf(comparison, verdicts, limit);
    return gateCode(worse.length > 0 || isVerdictWorse, [...doubtful, ...unchecked], stderr);
  },
});

/** Two runs below every limit have no safe maximum to compare, so their steps decide. Steps of two searches differ. */
function uncheckedOf({ steps, unmatched }: RunComparison, verdicts: VerdictComparison, share: number): string[] {
  if (verdicts.finding !== 'not-comparable') return [];
  const unjudged = steps.filter(({ figures }) => figures.every(({ finding }) => finding === 'too-few-windows'));
  const isJudged = unjudged.length < steps.length;
  return [
    ...unmatched.a.map((step) => `step ${step} of A has no counterpart in B`),
    ...(isKept(verdicts, share) ? [] : unjudged).map(
      ({ steps: { b } }) => `step ${b} of B: too few windows to compare`,
    ),
    ...(isLost(verdicts, share) || (!isJudged && !isKept(verdicts, share)) ? verdictLines(verdicts).slice(0, 1) : []),
  ];
}

function gateCode(isWorse: boolean, unchecked: readonly string[], stderr: CommandIo['stderr']): number {
  for (const reason of unchecked) stderr.write(`not checked: ${reason}\n`);
  if (isWorse) return exitCodes.threshold;
  return unchecked.length > 0 ? exitCodes.unknown : exitCodes.answered;
}

const linesOf = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

type Reading = { policy: Policy; signal: AbortSignal };

async function verdictsOf(a: string, b: string, reading: Reading): Promise<VerdictComparison> {
  return compareVerdicts(await readVerdict(a, reading), await readVerdict(b, reading));
}

async function printDrift(
  runs: { a: string; b: string },
  reading: Reading,
  io: Pick<CommandIo, 'options' | 'stdout'>,
): Promise<number> {
  const { a, b } = runs;
  const [ofA, ofB] = [await readVerdict(a, reading), await readVerdict(b, reading)];
  if (ofA.fingerprint === undefined || ofB.fingerprint === undefined) {
    throw new AppError('usage', `${ofA.fingerprint === undefined ? a : b} has no settings to compare`, {
      hint: 'analyze its run again: plimsoll analyze RUN --json',
    });
  }
  const drift = driftOf(ofA.fingerprint, ofB.fingerprint);
  printDocument(io, { schemaVersion: 1, runs, drift }, () =>
    linesOf(drift.length > 0 ? driftLines(drift) : ['no setting differs: the verdict of A holds']),
  );
  return drift.length > 0 ? exitCodes.threshold : exitCodes.answered;
}

async function documentOf(directory: string, signal: AbortSignal): Promise<LoadTestDocument> {
  const document = await readRunDocument(directory, signal);
  if (document.origin === 'load-test') return document;
  throw new AppError('usage', `${directory} has manually entered readings, and no journal to compare`);
}

function windowFor(documents: readonly LoadTestDocument[]): number {
  const longest = Math.max(0, ...documents.flatMap(({ steps }) => steps.map(({ durationSeconds }) => durationSeconds)));
  return Math.max(usualWindowSeconds, Math.ceil(longest / mostWindows));
}

async function windowsOf(directory: string, window: number, signal: AbortSignal): Promise<StepWindows[]> {
  async function* lines() {
    for await (const { line } of readJournalLines(join(directory, 'journal.ndjson'), { signal })) yield line;
  }
  return readStepWindows(lines(), window);
}

const ratesOf = (steps: readonly StepWindows[]) =>
  steps.length === 0
    ? 'no complete step'
    : steps
        .map(({ targetTps, lanes }) => (targetTps === undefined ? `concurrency ${lanes ?? 0}` : `${targetTps}`))
        .join(', ');

const slowness = { worse: 'B is slower', better: 'B is faster' };
const texts: Readonly<Record<ComparedFigure, { title: string; worse: string; better: string }>> = {
  p50: { title: 'p50', ...slowness },
  p99: { title: 'p99', ...slowness },
  achievedTps: { title: 'rate', worse: 'B has a lower throughput', better: 'B has a higher throughput' },
  cpuSecondsPerMessage: { title: 'generator CPU per message', worse: 'B uses more CPU', better: 'B uses less CPU' },
};

/** Renders a run comparison as text, one line per figure. */
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
  `${targetTps === undefined ? `concurrency ${lanes ?? 0}` : rateText(targetTps)} (step ${a} of A, step ${b} of B)`;

const leftOver = (run: string, steps: readonly number[]) =>
  steps.length === 0 ? [] : [`in one run only: ${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')} of ${run}`];

/** `p99: B is slower by 12% (8% to 17%), B 12 ms, A 10.7 ms, p = 0.002`. */
function lineOf(comparison: FigureComparison): string {
  const { figure, finding, a, b, probability, likeness = 0 } = comparison;
  const measured = a === undefined || b === undefined ? '' : `, B ${figureText(figure, b)}, A ${figureText(figure, a)}`;
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
      return `too few windows to compare (B ${windows.b}, A ${windows.a}; ${neededWindows ?? 'more'} of each are needed)`;
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
