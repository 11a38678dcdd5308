// Writes the journal of a change to disk before each modification, in one format for all kinds of change.

import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Finding } from '../../core/documents/analysis.ts';
import type { ChangeLease } from '../../core/documents/change-lease.ts';
import { ChangeChecks, ChangeLog } from '../../core/documents/change-record.ts';
import { AppError } from '../../core/errors.ts';
import { createDocument, fileName, ifAbsent, readDocument, saveDocument } from './journal-file.ts';

const StepRecord = z.strictObject({
  id: z.string(),
  begunAt: z.iso.datetime().optional(),
  doneAt: z.iso.datetime().optional(),
  undoneAt: z.iso.datetime().optional(),
  evidence: z.array(z.union([z.string(), z.strictObject({ en: z.string(), zh: z.string() })])),
});
export type StepRecord = z.infer<typeof StepRecord>;

const Borrowed = z
  .strictObject({
    kind: z.enum(['topic', 'broker']),
    name: z.string(),
    id: z.string().optional().describe('of the topic; absent for brokers and where the cluster has no topic ids'),
    why: z.enum(['throttle', 'retention', 'ab-test']),
    before: z.record(z.string(), z.string().nullable()).describe('null: no value was set, and the default applied'),
    set: z
      .record(z.string(), z.array(z.string()))
      .optional()
      .describe(
        'values that the change set: another one was set by others, and is kept; absent: the former value is restored in any case',
      ),
  })
  .describe('a setting that is changed for the time of the change, and restored on every exit');
export type Borrowed = z.infer<typeof Borrowed>;

export const ChangeJournal = z
  .strictObject({
    schemaVersion: z.literal(2),
    cluster: z.string(),
    clusterId: z.string().optional(),
    change: z.string().describe('kind of change, such as reassign'),
    subject: z.string().describe('the topic, group, broker or address it is about'),
    status: z.enum(['running', 'done', 'rolled-back']),
    direction: z.enum(['forward', 'back']),
    startedAt: z.iso.datetime(),
    leaseId: z.string().optional().describe('lease of the process that executes it; absent if none does'),
    takenOver: z
      .string()
      .optional()
      .describe('later reassignment, whose placements this one keeps; absent if none is known'),
    facts: z.record(z.string(), z.unknown()).describe('facts from which the steps of this kind of change are built'),
    steps: z.array(StepRecord),
    borrowed: z.array(Borrowed),
    checks: ChangeChecks,
    log: ChangeLog,
  })
  .describe('Journal of a change of a cluster; it survives a crash.');
export type ChangeJournal<Facts extends object = object> = Omit<z.infer<typeof ChangeJournal>, 'facts'> & {
  facts: Facts;
};

export function newJournal<Facts extends object>(
  of: Pick<ChangeJournal, 'cluster' | 'change' | 'subject'> & {
    clusterId?: string;
    facts: Facts;
    before?: readonly Finding[];
  },
  now: Date,
): ChangeJournal<Facts> {
  const { before, ...named } = of;
  const at = now.toISOString();
  return {
    schemaVersion: 2,
    ...named,
    status: 'running',
    direction: 'forward',
    startedAt: at,
    steps: [],
    borrowed: [],
    checks: before === undefined ? {} : { before: { at, findings: [...before] } },
    log: [],
  };
}

/** @returns the later reassignment, as the lease knows it. @param journal of a reassignment */
export const takenOverBy = (
  { startedAt, takenOver }: Pick<ChangeJournal, 'startedAt' | 'takenOver'>,
  { placedBy }: Pick<ChangeLease, 'placedBy'>,
): string | undefined => takenOver ?? (placedBy?.startedAt === startedAt ? undefined : placedBy?.by);

/** For reassignments, RocketMQ changes, and all others. */
export const journalFolders = ['kafka-changes', 'rocketmq-changes', 'changes'] as const;

export const journalFile = (
  stateFolder: string,
  folder: (typeof journalFolders)[number],
  names: readonly string[],
): string => join(stateFolder, folder, fileName(names, '.json'));

/** @throws AppError change-unreadable */
export function parseJournal<Facts extends object>(
  document: unknown,
  facts: z.ZodType<Facts>,
  path: string,
): ChangeJournal<Facts> {
  const parsed = ChangeJournal.extend({ facts }).safeParse(document);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const why = `${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not understood'}`;
  throw new AppError('change-unreadable', `${path} is not the journal of a change: ${why}`, { cause: parsed.error });
}

/** @returns undefined if there is none. @throws AppError change-unreadable, no-permission */
export async function readJournal<Facts extends object>(
  path: string,
  facts: z.ZodType<Facts>,
): Promise<ChangeJournal<Facts> | undefined> {
  const document = await readDocument(path);
  return document === undefined ? undefined : parseJournal(document, facts, path);
}

/** @throws AppError change-under-way if another process has just begun the same change; no-space, no-permission */
export async function beginJournal(path: string, journal: ChangeJournal): Promise<void> {
  if (await createDocument(path, journal)) return;
  throw new AppError('change-under-way', `another process has just started a change of the same target: ${path}`);
}

/** @throws AppError no-space, no-permission */
export const saveJournal = (path: string, journal: ChangeJournal): Promise<void> => saveDocument(path, journal);

/** Renames the journal of an ended change, so that the next one can begin. @returns its new path */
export async function putAside(path: string, { startedAt }: Pick<ChangeJournal, 'startedAt'>): Promise<string> {
  const kept = path.replace(/\.json$/, `.${startedAt.replaceAll(':', '')}.over`);
  await rename(path, kept);
  return kept;
}

/** Whether changes of this journal were begun and all have ended; the last may not be renamed yet. @throws AppError no-permission */
export async function hasEnded(path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(ifAbsent<string[]>([], path));
  const own = (name: string) => name.endsWith('.over') && name.startsWith(basename(path, 'json'));
  return names.some((name) => name === basename(path) || own(name));
}

export type RunningChange = z.infer<typeof ChangeJournal> & { path: string };

/**
 * Returns the changes of all clusters that have begun and are neither done nor rolled back.
 *
 * @throws AppError change-unreadable, no-permission: an unreadable file may be a change of any cluster
 */
export async function runningChanges(path: string): Promise<RunningChange[]> {
  const names = await readdir(path).catch(ifAbsent<string[]>([], path));
  const journals = await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .map(async (name) => {
        const file = join(path, name);
        const journal = await readJournal(file, AnyFacts);
        // Renamed since the folder was read, so the change has ended.
        return journal === undefined ? undefined : { ...journal, path: file };
      }),
  );
  return journals.filter((journal) => journal !== undefined).filter(({ status }) => status === 'running');
}

export const AnyFacts = z.record(z.string(), z.unknown());
