// Imports a run bundle: streams run.json, journal.ndjson and telemetry.ndjson.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { AppError, orFault } from '../../../core/errors.ts';
import { bundleSchemaVersion, JournalLine, preparedFile, RunDocument } from '../../../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../../../core/documents/evidence/telemetry.ts';
import type { LoadTestDocument, LoadTestRun } from '../load-test-run.ts';
import { createLikeLines, type LikeLines } from './like-lines.ts';
import { readImports, withImported } from './imported-telemetry.ts';
import { foldJournal } from './journal.ts';
import { readJsonChunks, reasonsOf, unreadable } from './ndjson.ts';
import { problemsOf } from './run-example.ts';
import { TelemetryFold } from './telemetry.ts';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { SearchCertificate, type SearchTrial } from '../../../core/documents/search-certificate.ts';
import { WireAccount } from '../../../core/documents/wire-account.ts';
import { statFile } from '../../../core/files.ts';
import { parseJson, readJson } from '../../../core/text/parse-json.ts';

/** A run.json only describes a run; Plimsoll does not write larger ones. */
const largestDocument = 16 * 2 ** 20;

export interface ImportOptions {
  /** Seconds at the start of each step whose latencies are excluded. */
  settleSeconds: number;
  signal?: AbortSignal | undefined;
}

/** @throws AppError run-missing, run-unreadable, run-newer-schema, no-permission */
export async function importRun(directory: string, options: ImportOptions) {
  const document = await readRunDocument(directory, options.signal);
  if (document.origin === 'readings') return { origin: document.origin, run: document };
  const run = await (document.origin === 'redline'
    ? readRedline(directory, document, options)
    : readRun(directory, document, options));
  return { origin: 'load-test' as const, run };
}

/** @throws AppError run-missing, run-unreadable, run-newer-schema, no-permission */
export async function readRunDocument(
  directory: string,
  signal: AbortSignal | undefined,
  name = 'run.json',
): Promise<RunDocument> {
  const file = join(directory, name);
  const text = await readBounded(file, signal).catch(async (cause: unknown) => {
    throw isMissing(cause) ? await missingRun(directory, name, cause) : cause;
  });
  const json = orFault(
    () => readJson(text),
    'run-unreadable',
    `cannot read ${file}: not JSON`,
    'correct the JSON there if you wrote it; else restore the file from where it was copied',
  );
  const version = typeof json === 'object' && json !== null && 'schemaVersion' in json ? json.schemaVersion : undefined;
  if (typeof version === 'number' && version > bundleSchemaVersion) {
    throw new AppError(
      'run-newer-schema',
      `cannot read ${file}: its schemaVersion is ${version}, this Plimsoll knows up to ${bundleSchemaVersion}`,
    );
  }
  const parsed = RunDocument.safeParse(json);
  if (parsed.success) return parsed.data;
  const { what, hint } = problemsOf(parsed.error, json);
  throw new AppError('run-unreadable', `cannot read ${file}: ${what}`, { hint });
}

async function readBounded(file: string, signal: AbortSignal | undefined): Promise<string> {
  try {
    const { size } = await statFile(file);
    if (size <= largestDocument) return await readFile(file, { encoding: 'utf8', ...(signal && { signal }) });
  } catch (cause) {
    if (signal?.aborted || cause instanceof AppError) throw cause;
    throw isMissing(cause) ? cause : unreadable(file, cause);
  }
  throw new AppError('run-unreadable', `cannot read ${file}: it is larger than ${largestDocument} bytes`);
}

const isMissing = (cause: unknown) => ['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');

async function missingRun(directory: string, name: string, cause: unknown): Promise<AppError> {
  const names = await readdir(directory).catch((fault: NodeJS.ErrnoException) => fault);
  if (names instanceof Error) {
    const why = { ENOENT: 'no such folder', ENOTDIR: 'it is a file' }[names.code ?? ''] ?? names.message;
    return new AppError('run-missing', `cannot read the run ${directory}: ${why}`, { cause });
  }
  if (name === preparedFile || !names.includes(preparedFile)) {
    return new AppError('run-missing', `cannot read the run ${directory}: it holds no ${name}`, { cause });
  }
  return new AppError(
    'run-missing',
    `the run ${directory} has measured nothing: it is still being prepared, or was killed before its load began`,
    {
      cause,
      hint: `if it was killed, \`plimsoll run --cleanup ${directory}\` deletes the topics and groups that it created`,
    },
  );
}

async function readRun(
  directory: string,
  document: LoadTestDocument,
  { settleSeconds, signal }: ImportOptions,
  isLive = false,
): Promise<LoadTestRun> {
  const files: Finding[] = [];
  const imports = await readImports(directory, signal);
  const environment = withImported(document.environment, imports);
  const journalFile = join(directory, 'journal.ndjson');
  const journal = foldJournal(journalFile, document, { settleSeconds, isLive });
  await fold(journalFile, JournalLine, journal, files, signal);
  const telemetryFile = join(directory, 'telemetry.ndjson');
  const telemetry = new TelemetryFold(telemetryFile, environment);
  // Only the last reading of each host is kept.
  await fold(telemetryFile, TelemetryRecord, telemetry, files, signal, createLikeLines());
  for (const each of imports) telemetry.addImport(each);
  const happened = journal.finish();
  const seen = telemetry.finish();
  const journaled = {
    trials: happened.events.trials,
    acknowledged: journal.acknowledged(),
    isResumed: happened.events.resumed.length > 0,
  };
  const result = await readResult(directory, journaled, signal);
  return {
    document: { ...document, environment },
    ...happened,
    ...seen,
    ...result,
    findings: [...files, ...happened.findings, ...seen.findings, ...result.findings],
  };
}

/** Sender, method and size of the messages are unknown, so the workload stays empty, as for files of other tools. */
async function readRedline(
  directory: string,
  { redline, ...document }: Extract<RunDocument, { origin: 'redline' }>,
  options: ImportOptions,
): Promise<LoadTestRun> {
  const asLoadTest = {
    ...document,
    origin: 'load-test' as const,
    profile: { name: 'redline', description: 'live traffic of one broker' },
    workload: {},
    warmUpSeconds: 0,
    steps: [],
  };
  const run = await readRun(directory, asLoadTest, options, true);
  const { environment } = run.document;
  const own = { ...environment, brokers: environment.brokers.filter(({ id }) => id === redline.broker) };
  return {
    ...run,
    document: { ...run.document, environment: own, wholeEnvironment: environment, redline },
  };
}

async function isThere(file: string): Promise<boolean> {
  try {
    await statFile(file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause instanceof AppError ? cause : unreadable(file, cause);
  }
}

/** A run killed in its first second has no file yet, which is reported and not rejected. */
async function fold<T>(
  file: string,
  schema: Parameters<typeof readJsonChunks<T>>[1],
  into: { add(number: number, value: T): void },
  findings: Finding[],
  signal: AbortSignal | undefined,
  likeLines?: LikeLines,
): Promise<void> {
  if (!(await isThere(file))) {
    findings.push(findingOf('file-missing', { file }));
    return;
  }
  const onTorn = (number: number, reason: string) =>
    findings.push(findingOf('torn-line', { file, line: number, reason }));
  for await (const lines of readJsonChunks(file, schema, { signal, onTorn, likeLines })) {
    for (const { number, value } of lines) into.add(number, value);
  }
}

const RunResult = z.looseObject({
  schemaVersion: z.literal(1),
  certificate: SearchCertificate.optional(),
  ledger: DeliveryAccount.optional(),
  /** Ignored if it has the fields of earlier releases. */
  wire: WireAccount.optional().catch(undefined),
});

type Results = Pick<LoadTestRun, 'certificate' | 'ledger' | 'wire'> & { findings: Finding[] };

/**
 * result.json is derived and may belong to an earlier attempt: a certificate counts only with the journal's trials, a
 * delivery check only with the journal's number of acknowledged messages, a byte account only with the number since the
 * run was resumed.
 *
 * @param journaled trials and acknowledged messages of the journal, and whether the run was resumed
 */
async function readResult(
  directory: string,
  journaled: { trials: readonly SearchTrial[]; acknowledged: number; isResumed: boolean },
  signal: AbortSignal | undefined,
): Promise<Results> {
  const file = join(directory, 'result.json');
  let text: string;
  try {
    text = await readBounded(file, signal);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    // A killed run has no result.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return { findings: [] };
    return { findings: [findingOf('result-unused', { file, kind: 'unreadable', error: (cause as Error).message })] };
  }
  const parsed = RunResult.safeParse(parseJson(text));
  if (!parsed.success)
    return { findings: [findingOf('result-unused', { file, kind: 'unreadable', error: reasonsOf(parsed.error) })] };
  const { certificate, ledger, wire } = parsed.data;
  const findings: Finding[] = [];
  const isOfTrials = certificate && isDeepStrictEqual(certificate.trials, journaled.trials.map(trialOf));
  if (isOfTrials === false) findings.push(findingOf('result-unused', { file, kind: 'other-trials' }));
  const isOfMessages = ledger && ledger.acknowledged === journaled.acknowledged;
  if (isOfMessages === false) {
    const counts = { acknowledged: ledger?.acknowledged ?? 0, journaled: journaled.acknowledged };
    findings.push(findingOf('result-unused', { file, kind: 'other-messages', ...counts }));
  }
  const isOfBytes =
    wire !== undefined &&
    (wire.kind === 'unknown' ||
      wire.messages === journaled.acknowledged ||
      (journaled.isResumed && wire.messages < journaled.acknowledged));
  if (wire !== undefined && !isOfBytes) {
    findings.push(findingOf('result-unused', { file, kind: 'other-bytes' }));
  }
  return { ...(isOfBytes && { wire }), ...(isOfTrials && { certificate }), ...(isOfMessages && { ledger }), findings };
}

const trialOf = ({ targetTps, durationSeconds, purpose, outcome }: SearchTrial): SearchTrial => ({
  targetTps,
  durationSeconds,
  purpose,
  outcome,
});
