// How does a run compare with an earlier one? Step by step, with what could be chance told from what is not.

import { join } from 'node:path';
import { readRunDocument } from '../../analyzer/importers/bundle.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { Duration, Share } from '../../core/quantity.ts';
import { readJournalLines } from '../../loadgen/bundle/journal-lines.ts';
import type { LoadTestDocument } from '../../loadgen/bundle/resumption.ts';
import { compareRuns, worseBy } from '../../loadgen/compare/compare-runs.ts';
import { comparisonLines, lineOf } from '../../loadgen/compare/comparison-text.ts';
import { readStepWindows, type StepWindows } from '../../loadgen/compare/step-windows.ts';
import type { Command, CommandIo } from '../command.ts';

/** Shorter ones share queues and garbage collections with their neighbours. */
const usualWindowSeconds = 5;
/** Of a soak of hours: more tell no more, and each is drawn anew thousands of times. */
const mostWindows = 200;

export const compareCommand = {
  name: 'compare',
  summary: 'Compare two runs of the same rates: what is slower, what is faster, and what may be chance.',
  positionals: 'A B',
  options: {
    window: {
      type: 'string',
      value: 'TIME',
      help: 'windows whose figures are compared (default 5s, longer where a step has more than 200 of them)',
    },
    'fail-if-worse': {
      type: 'string',
      value: 'SHARE',
      help: 'exit code 6 when B is worse by more than this, such as 5%, and it is not chance',
    },
    json: { type: 'boolean', help: 'print the result as one JSON document' },
  },
  examples: [
    'plimsoll compare runs/before runs/after',
    'plimsoll compare runs/main runs/pull-request --fail-if-worse 5%',
  ],

  async run({ positionals, options, stdout, stderr, signal }) {
    const [directoryA, directoryB, more] = positionals;
    if (directoryA === undefined || directoryB === undefined || more !== undefined) {
      throw new AppError('usage', 'two runs are compared', { hint: 'plimsoll compare A B' });
    }
    const limit = optionOf(options, 'fail-if-worse', Share);
    const documents = [await documentOf(directoryA, signal), await documentOf(directoryB, signal)];
    const window = optionOf(options, 'window', Duration) ?? windowFor(documents);
    if (window < 1) throw new AppError('usage', '--window: workers report each second, so a window has at least 1s');
    const [a, b] = [await windowsOf(directoryA, window, signal), await windowsOf(directoryB, window, signal)];
    const comparison = compareRuns(a, b);
    if (comparison.steps.length === 0) {
      throw new AppError('usage', `${directoryA} and ${directoryB} have no step of the same rate in common`, {
        hint: `A drove ${ratesOf(a)}, B ${ratesOf(b)}`,
      });
    }
    const worse = limit === undefined ? [] : worseBy(comparison, limit);
    if (options['json'] === true) {
      const runs = { a: directoryA, b: directoryB };
      const verdict = limit === undefined ? {} : { worse: worse.map(({ step, figure }) => ({ step, figure })) };
      stdout.write(
        `${JSON.stringify({ schemaVersion: 1, runs, windowSeconds: window, ...comparison, ...verdict }, undefined, 2)}\n`,
      );
    } else {
      stdout.write(
        comparisonLines(comparison, window)
          .map((line) => `${line}\n`)
          .join(''),
      );
    }
    for (const figure of worse) stderr.write(`worse than allowed in step ${figure.step} of B: ${lineOf(figure)}\n`);
    return worse.length > 0 ? exitCodes.threshold : exitCodes.answered;
  },
} satisfies Command;

async function documentOf(directory: string, signal: AbortSignal): Promise<LoadTestDocument> {
  const document = await readRunDocument(directory, signal);
  if (document.origin === 'load-test') return document;
  throw new AppError('usage', `${directory} holds somebody's written figures, and no journal to compare by`);
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
    ? 'no step to its end'
    : steps
        .map(({ targetTps, lanes }) => (targetTps === undefined ? `${lanes ?? 0} lanes` : `${targetTps}`))
        .join(', ');

function optionOf(options: CommandIo['options'], name: string, type: typeof Duration | typeof Share) {
  if (options[name] === undefined) return undefined;
  const { data, error } = type.safeParse(options[name]);
  if (data !== undefined) return data;
  throw new AppError('usage', `--${name}: ${error?.issues[0]?.message ?? 'is not understood'}`);
}
