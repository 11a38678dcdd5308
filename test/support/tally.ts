// Sums the outcomes of a test run over all projects; broken files, hooks and stray errors count as failures.

import { stripVTControlCharacters } from 'node:util';
import type { TestModule, TestSuite } from 'vitest/node';

export interface Outcome {
  name: string;
  state: 'passed' | 'failed' | 'skipped';
  /** Reason why the test was skipped. */
  note?: string;
  /** First line of the error. */
  error?: string;
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export interface FileOutcome {
  project: string;
  file: string;
  seconds: number;
  outcomes: readonly Outcome[];
}

/** @returns the outcomes of a file; a file that fails to load, or a suite whose hook throws, counts as a failure */
export function outcomesOf(module: TestModule): FileOutcome {
  const outcomes: Outcome[] = broken(module, module.relativeModuleId);
  for (const suite of module.children.allSuites()) outcomes.push(...broken(suite, suite.fullName));
  for (const test of module.children.allTests()) {
    const result = test.result();
    // A pending test after the end never ran: an interrupted run has not passed.
    const state = result.state === 'pending' ? 'failed' : result.state;
    const note = result.state === 'skipped' ? result.note : undefined;
    const [error] = result.errors ?? [];
    outcomes.push({ name: test.fullName, state, ...(note !== undefined && { note }), ...(error && errorLine(error)) });
  }
  const { collectDuration, setupDuration, duration } = module.diagnostic();
  const seconds = (collectDuration + setupDuration + duration) / 1000;
  return { project: module.project.name, file: module.relativeModuleId, seconds, outcomes };
}

function broken(suite: TestModule | TestSuite, name: string): Outcome[] {
  const [error] = suite.errors();
  return error === undefined ? [] : [{ name, state: 'failed', ...errorLine(error) }];
}

/** Removes terminal colours, which Vitest adds to compared values. */
export const errorLine = ({ message }: { message: string }) => ({
  error: stripVTControlCharacters(message).split('\n', 1).join(''),
});

/** @param strayErrors thrown outside any test; each counts as a failure */
export function sum(files: readonly FileOutcome[], strayErrors: number): Tally {
  const tally = { passed: 0, failed: strayErrors, skipped: 0 };
  for (const { outcomes } of files) for (const { state } of outcomes) tally[state] += 1;
  return tally;
}

export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** @returns one line with the reason for each skipped test; empty if everything ran */
export function listSkipped(files: readonly FileOutcome[]): string {
  const lines = files.flatMap(({ file, outcomes }) =>
    outcomes
      .filter(({ state }) => state === 'skipped')
      .map(({ name, note }) => `  ${file} > ${name}\n    ${note ?? 'skipped without a reason'}`),
  );
  return lines.length === 0 ? '' : `NOT SHOWN on this machine, ${lines.length} skipped:\n${lines.join('\n')}\n`;
}

/** @returns 1 after any failure, when nothing ran at all, and in CI after any skip */
export function exitCodeOf(tally: Tally, environment: NodeJS.ProcessEnv): 0 | 1 {
  if (tally.failed > 0 || tally.passed === 0) return 1;
  return environment['CI'] === 'true' && tally.skipped > 0 ? 1 : 0;
}
