// Writes result.json, and derives it again from the journal if it was deleted.

import { join } from 'node:path';
import type { Io } from '../../../brokers/driver.ts';
import type { DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { defined } from '../../../core/defined.ts';
import type { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import type { SearchOptions, Started } from '../../search/search-options.ts';
import { createSearch } from '../../search/search.ts';
import { toTrialRecord, type TrialRecord } from '../../search/trial.ts';
import { type LoadTestDocument, storedSearch } from '../../plan/stored-workload.ts';
import type { CountedError } from '../error-count.ts';
import type { StepSummary } from '../step-summary.ts';
import type { WireAccount } from '../../../core/documents/wire-account.ts';
import { createRunAccount } from '../run-account.ts';
import { judgeRun, type ThresholdVerdict } from '../thresholds/judge-thresholds.ts';
import { writeWhole } from './bundle-writer.ts';
import { readJournalLines } from './journal-lines.ts';
import { readTelemetry } from './telemetry-records.ts';
import { accountedRun } from './resumption.ts';

export interface RunResult {
  id: string;
  /** `interrupted`: the journal records no end. */
  status: 'completed' | 'aborted' | 'failed' | 'stopped' | 'interrupted';
  reason?: string;
  steps: readonly StepSummary[];
  /** Why messages were not sent or not acknowledged; absent if all were. */
  failures?: readonly CountedError[];
  certificate?: SearchCertificate;
  /** Comparison of bytes on the brokers' network interfaces with the messages. */
  wire: WireAccount;
  /** Delivery check: final state of every message. */
  ledger?: DeliveryAccount;
  /** Reason why the delivery check has no result. */
  deliveryUnread?: { reason: string };
  /** Absent if the workload has no thresholds. */
  thresholds?: ThresholdVerdict;
}

export const renderResult = ({ id, status, reason, ...rest }: RunResult): string =>
  `${JSON.stringify({ schemaVersion: 1, run: { id, status, reason }, ...rest }, undefined, 2)}\n`;

export const writeResult = (directory: string, result: RunResult): Promise<void> =>
  writeWhole(directory, 'result.json', renderResult(result));

/**
 * Derives the same result as at the end of the run.
 * @throws AppError run-unreadable, and run-edited if the trials do not belong to the search
 */
export async function rebuildResult(directory: string, document: LoadTestDocument, io: Io): Promise<RunResult> {
  const readLines = () => readJournalLines(join(directory, 'journal.ndjson'), io);
  const accounted = accountedRun(document);
  const account = createRunAccount(accounted);
  const trials: TrialRecord[] = [];
  let status: RunResult['status'] = 'interrupted';
  let reason: string | undefined;
  for await (const { line } of readLines()) {
    account.add(line);
    if (line.kind === 'trial') trials.push(toTrialRecord(line));
    if (line.kind === 'resumed') [status, reason] = ['interrupted', undefined];
    if (line.kind === 'run-ended') [status, reason] = [line.status, line.reason];
  }
  for await (const record of readTelemetry(join(directory, 'telemetry.ndjson'), io)) account.wire.see(record);
  const search = storedSearch(document);
  const certificate = search && certificateOf(search, trials);
  const ledger = await account.ledger?.account(readLines);
  const steps = account.sum.steps();
  const failures = account.sum.failures();
  const passedStep = account.sum.passedStep();
  const thresholds = judgeRun(accounted.workload?.thresholds, { steps, certificate, passedStep, ledger });
  return {
    id: document.id,
    status,
    ...defined({ reason }),
    steps,
    ...(failures.length > 0 && { failures }),
    wire: account.wire.check(),
    ...defined({ certificate, ledger, thresholds }),
  };
}

/** @returns undefined if the search had not ended */
function certificateOf(options: Started<SearchOptions>, trials: readonly TrialRecord[]) {
  const step = createSearch(options).next(trials);
  return step.kind === 'drive' ? undefined : step.certificate;
}
