// What does a run say, wherever it came from? Imports it and hands it to the analysis its evidence allows.

import type { Analysis } from '../../core/documents/analysis.ts';
import { analyzeRun } from './analyze-run.ts';
import { besideBundle } from '../evidence/importers/joined/beside-bundle.ts';
import { windowOf } from '../evidence/importers/joined/with-telemetry.ts';
import { importRun } from '../evidence/importers/registry.ts';
import { observe } from './analyze-written.ts';
import type { SourceTelemetry, TelemetryWindow } from '../evidence/sources/source-telemetry.ts';
import type { Policy } from '../../core/policy/policy.ts';

export interface BundleIo {
  signal?: AbortSignal;
  /** What a monitoring system knows of the time of the run; of a bundle of written figures nothing is asked. */
  read?: (window: TelemetryWindow) => Promise<SourceTelemetry>;
}

/** @throws AppError run-missing, run-unreadable, run-newer-schema, run-edited, and what `read` throws */
export async function analyzeBundle(
  directory: string,
  policy: Policy,
  { signal, read }: BundleIo = {},
): Promise<Analysis> {
  const imported = await importRun(directory, { settleSeconds: policy.step.settleSeconds.value, signal });
  switch (imported.origin) {
    case 'load-test': {
      const { run } = imported;
      return analyzeRun(read === undefined ? run : besideBundle(run, await read(windowOf(run))), policy);
    }
    case 'readings':
      return observe(imported.run, policy);
  }
}
