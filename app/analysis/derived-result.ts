// Derives result.json from the journal of a run that was killed before it wrote one.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRunDocument } from '../../analyzer/evidence/importers/bundle.ts';
import { type AppError, faultOf, ignoreFault } from '../../core/errors.ts';
import { rebuildResult, writeResult } from '../../loadgen/record/bundle/result.ts';
import { storageFault } from '../../loadgen/record/bundle/storage-fault.ts';
import { isUnderWay, readControlFile } from '../../loadgen/execute/control/control-file.ts';

/**
 * Harmless for an active or resumable run, which overwrites the result at its end.
 * @returns why it could not be derived or written @throws AppError run-missing, run-unreadable
 */
export async function deriveResult(
  directory: string,
  { signal }: { signal: AbortSignal },
): Promise<AppError | undefined> {
  const document = await readRunDocument(directory, signal);
  if (document.origin !== 'load-test' || document.resume === undefined) return undefined;
  const file = join(directory, 'result.json');
  if (existsSync(file)) return undefined;
  const control = await readControlFile(directory).catch(ignoreFault('a run without a control file is not active'));
  if (control !== undefined && isUnderWay(control)) return undefined;
  try {
    const result = await rebuildResult(directory, document, { signal });
    await writeResult(directory, result).catch((cause: unknown) => {
      throw storageFault(cause, `cannot write ${file}`);
    });
    return undefined;
  } catch (cause) {
    return faultOf(cause, { signal });
  }
}
