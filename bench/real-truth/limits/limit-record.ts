// Stores every attempt at a set-up, failures included, as one JSON line each.

import { execFile } from 'node:child_process';
import { appendFile, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { DrivenStep } from './read-step.ts';
import { Reported } from './reported.ts';

const path = fileURLToPath(new URL('./records.ndjson', import.meta.url));
const repository = fileURLToPath(new URL('../../..', import.meta.url));
/** Files that recording itself changes. */
const records = ['docs/evidence/truth.md', 'docs/images', 'evidence/truth', 'bench/real-truth/limits/records.ndjson'];

const common = { name: z.string(), commit: z.string(), at: z.iso.datetime() };

export const LimitRecord = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('limit'),
    ...common,
    lower: Reported,
    past: Reported,
    steps: z.array(DrivenStep),
  }),
  z.strictObject({
    kind: z.literal('loss'),
    ...common,
    lost: z.string(),
    reported: Reported,
    before: z.array(DrivenStep),
    after: z.array(DrivenStep),
  }),
  z.strictObject({ kind: z.literal('failed'), ...common, reason: z.string() }),
]);
export type LimitRecord = z.infer<typeof LimitRecord>;

export async function readRecords(): Promise<LimitRecord[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => LimitRecord.parse(JSON.parse(line)));
}

export const appendRecord = (record: LimitRecord) => appendFile(path, `${JSON.stringify(record)}\n`);

/** @returns the latest record of each set-up. A failed attempt never replaces a result */
export function lastRecords(all: readonly LimitRecord[]): Map<string, LimitRecord> {
  const last = new Map<string, LimitRecord>();
  for (const record of all) {
    if (record.kind !== 'failed' || (last.get(record.name)?.kind ?? 'failed') === 'failed')
      last.set(record.name, record);
  }
  return last;
}

const git = async (...words: readonly string[]) =>
  (await promisify(execFile)('git', [...words], { cwd: repository })).stdout.trim();

const besideRecords = ['--', '.', ...records.map((file) => `:!${file}`)];

/**
 * @returns the last commit that changed more than records.
 * @throws AppError usage if there are uncommitted changes other than to the records
 */
export async function committedState(): Promise<string> {
  const changes = await git('status', '--porcelain', '--untracked-files=no', ...besideRecords);
  if (changes !== '') {
    throw new AppError('usage', 'the work tree has uncommitted changes, so nothing is recorded', {
      hint: 'commit them, or give --no-record',
    });
  }
  return git('rev-list', '-1', '--abbrev-commit', '--abbrev=10', 'HEAD', ...besideRecords);
}

/** @returns whether only records changed since that commit */
export async function isSameCode(commit: string): Promise<boolean> {
  try {
    return (await git('diff', '--stat', commit, 'HEAD', ...besideRecords)) === '';
  } catch {
    // The commit was rebased away.
    return false;
  }
}
