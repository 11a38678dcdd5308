// What did a run come to, in one file? result.json is derived: it can be deleted, and made again from the journal.

import { join } from 'node:path';
import type { DeliveryAccount } from '../../core/delivery-account.ts';
import type { RunDocument } from '../../core/run-bundle.ts';
import type { SearchCertificate } from '../../core/search-certificate.ts';
import { createRunProgressSum } from '../run-progress-sum.ts';
import type { StepSummary } from '../step-summary.ts';
import { writeWhole } from './bundle-writer.ts';
import { readJournalLines } from './journal-lines.ts';

export interface RunResult {
  id: string;
  /** `interrupted`: the journal has no word of an end. */
  status: 'completed' | 'aborted' | 'failed' | 'stopped' | 'interrupted';
  reason?: string;
  steps: readonly StepSummary[];
  certificate?: SearchCertificate;
  /** What became of every message. */
  ledger?: DeliveryAccount;
}

export const renderResult = ({ id, status, reason, ...rest }: RunResult): string =>
  `${JSON.stringify({ schemaVersion: 1, run: { id, status, reason }, ...rest }, undefined, 2)}\n`;

export const writeResult = (directory: string, result: RunResult): Promise<void> =>
  writeWhole(directory, 'result.json', renderResult(result));

/**
 * The same as was written at the end of the run; a search's certificate is made by the search itself.
 * @throws AppError run-unreadable
 */
export async function rebuildResult(
  directory: string,
  document: Extract<RunDocument, { origin: 'load-test' }>,
  io: { signal: AbortSignal },
): Promise<RunResult> {
  const sum = createRunProgressSum([]);
  let status: RunResult['status'] = 'interrupted';
  let reason: string | undefined;
  for await (const { line } of readJournalLines(join(directory, 'journal.ndjson'), io)) {
    sum.add(line);
    if (line.kind === 'resumed') [status, reason] = ['interrupted', undefined];
    if (line.kind === 'run-ended') [status, reason] = [line.status, line.reason];
  }
  return { id: document.id, status, ...(reason !== undefined && { reason }), steps: sum.steps() };
}
