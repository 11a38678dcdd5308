// Joins load test files that exist only in memory.

import { joinFiles, type JoinOptions } from '../../analyzer/evidence/importers/joined/joined-run.ts';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from './example-policy.ts';
import { nothingStated } from './load-test-files.ts';

const policy = examplePolicy();
const files = (named: Record<string, string>) =>
  Object.entries(named).map(([name, text]) => ({ name, bytes: Buffer.from(text) }));
export const join = (named: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  joinFiles(files(named), { ...nothingStated, ...options });
export const analyse = (named: Record<string, string>, options: Partial<JoinOptions> = {}) =>
  analyzeRun(joinFiles(files(named), { ...nothingStated, ...options }), policy);
export const perFile = (values: Record<string, number>) => ({ byFile: new Map(Object.entries(values)) });
