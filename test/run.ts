// Runs the tests: `npm test [-- PROJECT… PATH…]`. With `--more` it runs those that `npm test` omits, and with `--full` it runs and records
// the full matrix, whole or in parts.

import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVitest, TestsNotFoundError, type Reporter } from 'vitest/node';
import { readCommit, updateEvidencePage } from './support/evidence-page.ts';
import { inDepth } from '../vitest.config.ts';
import { assign, parsePart, titleOf, type Part } from './support/full-matrix/division.ts';
import { renderReliability } from './support/full-matrix/page.ts';
import {
  beginPart,
  failedOf,
  keepFile,
  newestSet,
  outsideTests,
  readDivision,
  readPart,
  readParts,
  rebalance,
  recordedFile,
  remainingOf,
  unfinishedPart,
} from './support/full-matrix/part-record.ts';
import {
  closingLine,
  errorLine,
  exitCodeOf,
  listSkipped,
  outcomesOf,
  sum,
  type FileOutcome,
  type Outcome,
} from './support/tally.ts';

const projects = new Set(['unit', 'property', 'light', 'brokers', 'integration', 'e2e']);
const page = 'docs/evidence/reliability.md';

const usage = `usage: npm test [-- PROJECT… PATH…]
       npm run test:full [-- [PROJECT… PATH…] [--part 3/8] [--resume] [--failed] [--rebalance]]
projects: ${[...projects].join(', ')}
--part 3/8    runs the third of eight parts
--resume      runs what the last unfinished part, or that of --part, has not recorded
--failed      runs the files of the part that failed or skipped a test in their last run; both records are kept
--rebalance   runs no tests: uses the recorded durations for the next division into parts
`;

const { values, positionals } = readArguments();
if (values.full) process.env['PLIMSOLL_TEST_FULL'] = '1';
else if (!values.more && positionals.length === 0) process.env['PLIMSOLL_TEST_ONCE'] = '1';

const machine = `${process.platform} ${process.arch}, ${availableParallelism()} cores`;
const startedAt = new Date();
const files: FileOutcome[] = [];
const strayErrors: Outcome[] = [];
let onFile: (file: FileOutcome) => void = () => {};
/** Interrupted files are neither counted nor recorded. */
let stopping = false;
const collect: Reporter = {
  onTestModuleEnd(module) {
    if (stopping) return;
    const file = outcomesOf(module);
    files.push(file);
    onFile(file);
  },
  onTestRunEnd(_, errors) {
    if (stopping) return;
    strayErrors.push(
      ...errors.map((error) => ({ name: error.name ?? 'Error', state: 'failed' as const, ...errorLine(error) })),
    );
  },
};

const chosen = positionals.filter((word) => projects.has(word));
const paths = positionals.filter((word) => !projects.has(word));
const vitest = await createVitest({
  watch: false,
  reporters: ['default', collect],
  ...(chosen.length > 0 && { project: chosen }),
});
// Vitest would exit at once. Instead, running tests clean up and the run is recorded; a second Ctrl+C exits at once.
process.removeAllListeners('SIGINT');
process.once('SIGINT', () => {
  stopping = true;
  void vitest.cancelCurrentRun('keyboard-input');
});
/** With --resume or --failed, paths select among the remaining files of the part. */
const isPart = values.full && (positionals.length === 0 || values.resume || values.failed);
if (values.rebalance) rebalance(await listTestFiles());
else if (isPart) await runPart(partToRun());
else await runChosen();
await vitest.close();

const tally = sum(files, strayErrors.length);
// Exits here, so that a timer of a test can neither delay the summary nor print after it.
const summary = values.rebalance ? '' : `\n${listSkipped(files)}${closingLine(tally)}\n`;
process.stdout.write(summary, () => process.exit(exitCode()));

function exitCode(): number {
  if (values.rebalance) return 0;
  return stopping ? 130 : exitCodeOf(tally, process.env);
}

async function runChosen(): Promise<void> {
  await start(values.more ? globSync(inDepth).map((path) => resolve(path)) : paths);
  if (!values.full) return;
  const commit = await readCommit();
  await updateEvidencePage(page, { attempt: attemptOf(['npm run test:full --', ...positionals], commit) });
}

function readArguments() {
  try {
    const parsed = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        full: { type: 'boolean', default: false },
        more: { type: 'boolean', default: false },
        part: { type: 'string' },
        resume: { type: 'boolean', default: false },
        failed: { type: 'boolean', default: false },
        rebalance: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
    if (!parsed.values.help) return parsed;
    process.stdout.write(usage);
    process.exit(0);
  } catch (fault) {
    process.stderr.write(`${(fault as Error).message}\n${usage}`);
    process.exit(2);
  }
}

/** Runs the tests; an empty selection has an empty tally, which fails. */
async function start(filters: readonly string[]): Promise<void> {
  try {
    await vitest.start([...filters]);
  } catch (error) {
    if (!(error instanceof TestsNotFoundError)) throw error;
  }
}

function partToRun(): Part {
  if (values.part !== undefined) return parsePart(values.part);
  return (values.resume ? unfinishedPart() : undefined) ?? { index: 1, of: 1 };
}

async function runPart(part: Part): Promise<void> {
  const everyFile = await listTestFiles();
  const { takenAt, seconds } = readDivision();
  const assigned = assign(
    part,
    everyFile,
    seconds,
    readParts().filter(({ at }) => at >= takenAt),
  );
  const before = values.resume || values.failed ? readPart(part) : undefined;
  const records = (before?.records ?? []).filter(({ file }) => assigned.includes(file));
  const begun = {
    part: titleOf(part),
    at: before?.at ?? startedAt.toISOString(),
    machine,
    files: assigned,
    records,
  };
  // Read once, because the run itself writes pages.
  const commit = await readCommit();
  beginPart(part, begun);
  onFile = (file) => keepFile(part, recordedFile(file, { at: new Date(), commit }));
  // An absolute path selects exactly that file; an empty list would select every file.
  const left = values.failed ? failedOf(begun) : remainingOf(begun);
  const wanted = left.filter((file) => paths.length === 0 || paths.some((path) => file.includes(path)));
  const remaining = wanted.map((file) => resolve(file));
  if (remaining.length > 0) await start(remaining);
  if (strayErrors.length > 0) onFile({ project: '', file: outsideTests, seconds: 0, outcomes: strayErrors });
  const words = ['npm run test:full -- --part', titleOf(part)];
  if (values.resume) words.push('--resume');
  if (values.failed) words.push('--failed');
  words.push(...paths);
  await updateEvidencePage(page, {
    tables: renderReliability(newestSet(readParts()), everyFile),
    attempt: attemptOf(words, commit),
  });
}

async function listTestFiles(): Promise<string[]> {
  const specifications = await vitest.globTestSpecifications();
  return specifications.map(({ moduleId }) => relative('.', moduleId));
}

function attemptOf(words: readonly string[], commit: string) {
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const end = stopping ? 'stopped by hand after' : 'in';
  const outcome = `${closingLine(sum(files, strayErrors.length))} ${end} ${seconds} s (${machine})`;
  return { command: words.join(' '), commit, at: startedAt, outcome };
}
