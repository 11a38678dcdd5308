// Analyzes a run bundle or load-test files of other tools, together with readings of a monitoring system, if any.

import type { Analysis } from '../../core/documents/analysis.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { joinToBundle } from '../evidence/importers/joined/join-to-bundle.ts';
import { joinFiles, type JoinOptions } from '../evidence/importers/joined/joined-run.ts';
import type { FileToJoin } from '../evidence/importers/joined/recognised-file.ts';
import { windowOf, withTelemetry } from '../evidence/importers/joined/with-telemetry.ts';
import { importRun } from '../evidence/importers/bundle.ts';
import type { SourceTelemetry, TelemetryWindow } from '../evidence/sources/telemetry.ts';
import { analyzeRun } from './analyze-run.ts';
import { analyzeWritten } from './analyze-written.ts';

/** Reads a monitoring system for the time of the load. */
type ReadTelemetry = (window: TelemetryWindow) => Promise<SourceTelemetry>;

export interface BundleIo {
  signal?: AbortSignal;
  /** Not called for a bundle of written figures. */
  read?: ReadTelemetry;
}

/** @throws AppError run-missing, run-unreadable, run-newer-schema, run-edited, and the errors of `read` */
export async function analyzeBundle(
  directory: string,
  policy: Policy,
  { signal, read }: BundleIo = {},
): Promise<Analysis> {
  const imported = await importRun(directory, { settleSeconds: policy.step.settleSeconds.value, signal });
  if (imported.origin === 'readings') return analyzeWritten(imported.run, policy);
  const { run } = imported;
  return analyzeRun(read === undefined ? run : joinToBundle(run, await read(windowOf(run))), policy);
}

/** @throws AppError load-test-unreadable, readings-unreadable, usage, each naming the file, and the errors of `read` */
export async function analyzeFiles(
  files: readonly FileToJoin[],
  options: JoinOptions,
  policy: Policy,
  read?: ReadTelemetry,
): Promise<Analysis> {
  const run = joinFiles(files, { ...options, hostsFollow: read !== undefined });
  return analyzeRun(read === undefined ? run : withTelemetry(run, await read(windowOf(run)), options.hosts), policy);
}
