// What do files of other tools say of a cluster? Joined into one run, and analysed as one of ours.

import type { Analysis } from '../core/analysis.ts';
import { analyzeRun } from './analyze-run.ts';
import { joinFiles, type JoinOptions } from './importers/joined/joined-run.ts';
import type { FileToJoin } from './importers/joined/recognised-file.ts';
import type { Policy } from './policy/policy.ts';

/** @throws AppError load-test-unreadable, readings-unreadable, usage, each naming the file */
export function analyzeFiles(files: readonly FileToJoin[], options: JoinOptions, policy: Policy): Analysis {
  return analyzeRun(joinFiles(files, options), policy);
}
