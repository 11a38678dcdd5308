// What does a run say, wherever it came from? Imports it and hands it to the analysis its evidence allows.

import type { Analysis } from '../core/analysis.ts';
import { analyzeRun } from './analyze-run.ts';
import { importRun } from './importers/registry.ts';
import { observe } from './observed/observe.ts';
import type { Policy } from '../core/policy/policy.ts';

/** @throws AppError run-missing, run-unreadable, run-newer-schema, run-edited */
export async function analyzeBundle(
  directory: string,
  policy: Policy,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Analysis> {
  const imported = await importRun(directory, { settleSeconds: policy.step.settleSeconds.value, signal });
  switch (imported.origin) {
    case 'load-test':
      return analyzeRun(imported.run, policy);
    case 'readings':
      return observe(imported.run, policy);
  }
}
