// Derives result.json from the journal of a run that was killed before it wrote one.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { faultOf } from '../../core/errors.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import { rebuildResult, writeResult } from '../../loadgen/record/bundle/result.ts';
import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';

/**
 * Harmless for an active or resumable run: its own end writes the result again.
 * @throws AppError run-missing, run-unreadable; what cannot be derived or written is left to the analysis
 */
export async function deriveResult(directory: string, { signal }: { signal: AbortSignal }): Promise<void> {
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test' || document.resume === undefined) return;
  if (await exists(join(directory, 'result.json'))) return;
  const control = await readControlFile(directory).catch(ignoreFault('a run without a control file is not active'));
  if (control !== undefined && isUnderWay(control)) return;
  try {
    await writeResult(directory, await rebuildResult(directory, document, { signal }));
  } catch (cause) {
    // A damaged journal is reported by the analysis, and a read-only folder has its result without a file.
    faultOf(cause, { signal });
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );
