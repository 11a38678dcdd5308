// Reads the load test of a run bundle, for computations that need its steps.

import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';

/** @throws AppError usage for written figures and redlines; run-missing, run-unreadable */
export async function readLoadTest(
  directory: string,
  policy: Policy,
  io: { signal?: AbortSignal } = {},
): Promise<LoadTestRun> {
  const imported = await importRun(directory, { settleSeconds: policy.step.settleSeconds.value, ...io });
  if (imported.origin === 'load-test' && imported.run.document.redline === undefined) return imported.run;
  throw new AppError('usage', `${directory} holds no load test in steps`, {
    hint: '`plimsoll bytes` does the arithmetic of another cluster; a load test in steps calibrates it',
  });
}
