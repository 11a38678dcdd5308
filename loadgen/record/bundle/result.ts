// Reads what an interrupted run did, writes result.json, and derives it again from the journal if it was deleted.

import { join } from 'node:path';
import type { Io } from '../../../brokers/driver.ts';
import type { DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { defined } from '../../../core/defined.ts';
import type { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import type { SearchOptions, Started } from '../../search/search-options.ts';
import { createSearch } from '../../search/search.ts';
import { toTrialRecord, type TrialRecord } from '../../search/trial.ts';
import { type LoadTestDocument, storedSearch, storedWorkload, topicsOf } from '../../plan/workload.ts';
import type { CountedError } from '../error-count.ts';
import type { StepSummary } from '../step-summary.ts';
import type { WireAccount } from '../../../core/documents/wire-account.ts';
import { type AccountedRun, createRunAccount } from '../run-account.ts';
import { judgeRun, type ThresholdVerdict } from '../thresholds/judge-thresholds.ts';
import { writeWhole } from './bundle-writer.ts';
import { readJournalLines, wholeBytes } from './journal-lines.ts';
import { readTelemetry } from './telemetry-records.ts';
import { createHash } from 'node:crypto';
import { AppError } from '../../../core/errors.ts';
import type { RunDocument } from '../../../core/documents/run-bundle.ts';
import { runNamePrefix } from '../../plan/run-name-prefix.ts';
import { groupsOf } from '../../plan/workload/group-options.ts';

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

export type Resumption = Awaited<ReturnType<typeof readResumption>>;

/** A resumed run continues at a whole second, after one second that belongs to no step. */
const gapSeconds = 1;

/** @param document run.json of the bundle, already validated @throws AppError run-complete; run-unreadable */
export async function readResumption(directory: string, document: RunDocument, io: Io) {
  const workload = document.origin === 'load-test' ? storedWorkload(document) : undefined;
  if (document.origin !== 'load-test' || workload === undefined) {
    throw new AppError('run-complete', `${directory} cannot be resumed: its run.json has no workload`, {
      hint: 'only a bundle that was started by `plimsoll run` of this or a later version can be resumed',
    });
  }
  const account = createRunAccount(accountedRun(document));
  const trials: TrialRecord[] = [];
  const steps = { begun: 0, ended: 0 };
  let attempt = 1;
  let latest = 0;
  let journal = 0;
  let status: string | undefined;
  for await (const { line, endByte } of readJournalLines(join(directory, 'journal.ndjson'), io)) {
    journal = endByte;
    latest = Math.max(latest, line.elapsedSeconds);
    account.add(line);
    if (line.kind === 'trial') trials.push(toTrialRecord(line));
    if (line.kind === 'step-ended') steps.ended = Math.max(steps.ended, line.step + 1);
    if (line.kind === 'resumed') attempt = line.attempt;
    status = line.kind === 'run-ended' ? line.status : undefined;
  }
  if (status === 'completed') throw complete(directory);
  if (document.steps.length > 0 && steps.ended >= document.steps.length) throw complete(directory);
  const telemetry = join(directory, 'telemetry.ndjson');
  // If the disk was full, telemetry may be later than the last line of the journal.
  for await (const { elapsedSeconds } of readTelemetry(telemetry, io)) latest = Math.max(latest, elapsedSeconds);
  return {
    document,
    workload,
    /** Number of the new attempt, counted from 1. */
    attempt: attempt + 1,
    /** Count of completed steps; the next step runs again. */
    endedSteps: steps.ended,
    trials,
    /** Account of everything recorded. */
    account,
    /** Start of the new attempt, in seconds of the run. */
    fromSeconds: Math.ceil(latest) + gapSeconds,
    kept: { journal, telemetry: await wholeBytes(telemetry, io) },
  };
}

const complete = (directory: string) =>
  new AppError('run-complete', `${directory} is complete: every step has ended`, {
    hint: `plimsoll analyze ${directory}`,
  });

/** @returns the same inputs as the plan had, from run.json */
export function accountedRun(document: LoadTestDocument): AccountedRun {
  const { broker, cluster, environment, calibration, degraded, proxy, signed = false } = document;
  const workload = storedWorkload(document);
  const own = runNamePrefix(document);
  return {
    broker,
    cluster,
    environment,
    calibration,
    proxy,
    signed,
    workload,
    replicationFactor: degraded?.copies ?? document.workload.replicationFactor ?? 1,
    topics: workload === undefined ? [] : topicsOf(workload, own),
    groups: workload === undefined ? [] : groupsOf(workload.groups, own).map(({ name }) => name),
  };
}

/** Identifies the cluster's entry in the config file, to prevent resuming a run on another cluster. */
export function clusterDigest(config: unknown): string {
  // Exclude the load test permission, which does not identify the cluster, and the id, which is read from the brokers.
  const { loadTest: _, clusterId: _id, ...cluster } = config as Record<string, unknown>;
  return createHash('sha256').update(JSON.stringify(cluster)).digest('hex');
}
