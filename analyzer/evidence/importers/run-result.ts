// Reads result.json: the search certificate, delivery check and byte account, if they match the journal.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { SearchCertificate, type SearchTrial } from '../../../core/documents/search-certificate.ts';
import { WireAccount } from '../../../core/documents/wire-account.ts';
import { parseJson } from '../../../core/text/parse-json.ts';
import type { LoadTestRun } from '../load-test-run.ts';
import { reasonsOf } from './ndjson.ts';

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
export async function readResult(
  directory: string,
  journaled: { trials: readonly SearchTrial[]; acknowledged: number; isResumed: boolean },
  signal: AbortSignal | undefined,
): Promise<Results> {
  const file = join(directory, 'result.json');
  let text: string;
  try {
    text = await readFile(file, { encoding: 'utf8', ...(signal && { signal }) });
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
