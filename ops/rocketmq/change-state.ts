// Keeps where a change of a RocketMQ cluster stands, after a crash too: one file for each, on the disk before and after each step.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Finding } from '../../core/analysis.ts';
import { createStateFile, FormerHolder, inPath, readStateFile, saveStateFile, storeFault } from '../state-file.ts';

const StepRecord = z.strictObject({
  id: z.string(),
  begunAt: z.iso.datetime().optional(),
  doneAt: z.iso.datetime().optional(),
  undoneAt: z.iso.datetime().optional(),
  evidence: z.array(z.string()),
});
export type StepRecord = z.infer<typeof StepRecord>;

export const ChangeState = z.strictObject({
  schemaVersion: z.literal(1),
  cluster: z.string(),
  change: z.string(),
  subject: z.string(),
  status: z.enum(['running', 'done', 'aborted']),
  startedAt: z.iso.datetime(),
  before: z.array(Finding).describe('what the checks said before anything was changed'),
  facts: z.record(z.string(), z.unknown()),
  steps: z.array(StepRecord),
  holder: FormerHolder.optional(),
});
export type ChangeState = z.infer<typeof ChangeState>;

export function changeFile(
  folder: string,
  { cluster, change, subject }: Pick<ChangeState, 'cluster' | 'change' | 'subject'>,
) {
  return join(folder, 'rocketmq-changes', `${[cluster, change, subject].map(inPath).join('--')}.json`);
}

/** @returns undefined when there is none. @throws AppError change-unreadable, no-permission */
export const readChange = (path: string): Promise<ChangeState | undefined> =>
  readStateFile(path, ChangeState, 'state of a change');

/**
 * Those of a cluster that are begun and neither done nor aborted.
 *
 * @throws AppError change-unreadable, no-permission: what cannot be read may be a change of this cluster
 */
export async function runningChanges(folder: string, cluster: string): Promise<ChangeState[]> {
  const path = join(folder, 'rocketmq-changes');
  const names = await readdir(path).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw storeFault(cause, `cannot read ${path}`);
  });
  const states = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readChange(join(path, name))),
  );
  return states
    .filter((state) => state !== undefined)
    .filter((state) => state.cluster === cluster && state.status === 'running');
}

/** @throws AppError change-under-way when another process began the same one just now; no-space, no-permission */
export const beginChange = (path: string, state: ChangeState): Promise<void> => createStateFile(path, state);

/** @throws AppError no-space, no-permission */
export const saveChange = (path: string, state: ChangeState): Promise<void> => saveStateFile(path, state);
