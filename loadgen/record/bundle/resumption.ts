// Reads the bundle of an interrupted run to determine what is done and what remains.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Io } from '../../../brokers/driver.ts';
import { AppError } from '../../../core/errors.ts';
import type { RunDocument } from '../../../core/documents/run-bundle.ts';
import { createRunAccount, type AccountedRun } from '../run-account.ts';
import { runNamePrefix } from '../../plan/run-name-prefix.ts';
import { groupsOf } from '../../plan/workload/group-options.ts';
import { storedWorkload, type LoadTestDocument } from '../../plan/stored-workload.ts';
import { topicsOf } from '../../plan/workload.ts';
import { toTrialRecord, type TrialRecord } from '../../search/trial.ts';
import { readJournalLines, wholeBytes } from './journal-lines.ts';
import { readTelemetry } from './telemetry-records.ts';

export type Resumption = Awaited<ReturnType<typeof readResumption>>;

/** Continues at a whole second of the run, after one second that belongs to no step. */
const gapSeconds = 1;

/**
 * @param document run.json of the bundle, read and checked
 * @throws AppError run-complete; run-unreadable
 */
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
  // A full disk may have room for readings that are later than the last line of the journal.
  for await (const { elapsedSeconds } of readTelemetry(telemetry, io)) latest = Math.max(latest, elapsedSeconds);
  return {
    document,
    workload,
    /** Of the attempt that begins now, counted from 1. */
    attempt: attempt + 1,
    /** Steps that were completed; the one after them runs again. */
    endedSteps: steps.ended,
    trials,
    /** Of all that was recorded. */
    account,
    /** Where the new attempt begins, in seconds of the run. */
    fromSeconds: Math.ceil(latest) + gapSeconds,
    kept: { journal, telemetry: await wholeBytes(telemetry, io) },
  };
}

const complete = (directory: string) =>
  new AppError('run-complete', `${directory} is complete: every step has ended`, {
    hint: `plimsoll analyze ${directory}`,
  });

/** @returns the same as the plan had, from what run.json stores */
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

/** Names the cluster's entry in the config file, so that a run is not resumed on another one. */
export function clusterDigest(config: unknown): string {
  // Who allows a load test, and when, is not what the run was measured on; the id is read from the brokers.
  const { loadTest: _, clusterId: _id, ...cluster } = config as Record<string, unknown>;
  return createHash('sha256').update(JSON.stringify(cluster)).digest('hex');
}
