// What do files of other tools say of a cluster? Joined into one run, with a monitoring system beside them, and analysed as one of ours.

import type { Analysis } from '../core/documents/analysis.ts';
import { analyzeRun } from './verdict/analyze-run.ts';
import { joinFiles, type JoinOptions } from './evidence/importers/joined/joined-run.ts';
import type { FileToJoin } from './evidence/importers/joined/recognised-file.ts';
import { windowOf, withTelemetry } from './evidence/importers/joined/with-telemetry.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { SourceTelemetry, TelemetryWindow } from './evidence/sources/source-telemetry.ts';

/** @throws AppError load-test-unreadable, readings-unreadable, usage, each naming the file */
export function analyzeFiles(files: readonly FileToJoin[], options: JoinOptions, policy: Policy): Analysis {
  return analyzeRun(joinFiles(files, options), policy);
}

/**
 * @param read what a monitoring system knows of the time of the load
 * @throws AppError as analyzeFiles and read do
 */
export async function analyzeFilesBeside(
  files: readonly FileToJoin[],
  options: JoinOptions,
  policy: Policy,
  read: (window: TelemetryWindow) => Promise<SourceTelemetry>,
): Promise<Analysis> {
  const run = joinFiles(files, options);
  return analyzeRun(withTelemetry(run, await read(windowOf(run)), options.hosts), policy);
}
