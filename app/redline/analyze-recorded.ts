// Analyzes the bundle of a redline that has ended, also where another machine recorded it.

import type { Analysis } from '../../core/documents/analysis.ts';
import { analyzeBundle } from '../../analyzer/verdict/analyze.ts';
import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';

/** @throws AppError run-missing, which states that the cluster is as before; others of the bundle */
export async function analyzeRecorded(bundle: string, policy: Policy, io: Io): Promise<Analysis> {
  try {
    return await analyzeBundle(bundle, policy, io);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'run-missing') throw cause;
    throw new AppError('run-missing', `the redline has ended, and its bundle is not here: ${cause.message}`, {
      cause,
      hint: `do not run --resume again; run \`plimsoll analyze ${bundle}\` on the machine that recorded it`,
    });
  }
}
