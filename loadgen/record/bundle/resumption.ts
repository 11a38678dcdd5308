// Reads the bundle of an interrupted run to determine what is done and what remains.

import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Io } from '../../../brokers/driver.ts';
import { toTrialRecord, type TrialRecord } from '../../search/trial.ts';
import { topicsOf } from '../../plan/workload.ts';
import { type LoadTestDocument, storedWorkload } from '../../plan/stored-workload.ts';
import { type AccountedRun, createRunAccount } from '../run-account.ts';
import { readJournalLines, wholeBytes } from './journal-lines.ts';
import { readTelemetry } from './telemetry-records.ts';
import { AppError } from '../../../core/errors.ts';
import type { RunDocument } from '../../../core/documents/run-bundle.ts';
import { runNamePrefix } from '../../plan/run-name-prefix.ts';
import { groupsOf } from '../../plan/workload/group-options.ts';

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
