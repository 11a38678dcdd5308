// Keeps where a reassignment stands, after a crash too: one file for each cluster, on the disk before each request to a broker.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Finding } from '../../../core/analysis.ts';
import { createStateFile, FormerHolder, inPath, readStateFile, saveStateFile } from '../../state-file.ts';

const Placed = z.strictObject({ topic: z.string(), partition: z.int(), replicas: z.array(z.int()) });

/** Settings that are changed for the time of the move; what they were before is given back. */
const Borrowed = z.strictObject({
  kind: z.enum(['topic', 'broker']),
  name: z.string(),
  why: z.enum(['throttle', 'retention']),
  before: z.record(z.string(), z.string().nullable()).describe('null: it had none of its own'),
});
export type Borrowed = z.infer<typeof Borrowed>;

const Checks = z.strictObject({ at: z.iso.datetime(), findings: z.array(Finding) });

export const ReassignState = z.strictObject({
  schemaVersion: z.literal(1),
  cluster: z.string(),
  clusterId: z.string().optional(),
  startedAt: z.iso.datetime(),
  status: z.enum(['running', 'done', 'undone']),
  direction: z.enum(['forward', 'back']),
  /** Of the partitions that change: how they lay, and how they are to lie. */
  original: z.array(Placed),
  target: z.array(Placed),
  leaving: z.array(z.int()).describe('brokers that are removed: what they hold alone moves first'),
  movesPerBroker: z.int().positive(),
  minInSync: z.record(z.string(), z.int()).optional().describe('min.insync.replicas by topic, where it is more than 1'),
  networkBytesPerSecond: z.number().positive().optional(),
  throttleBytesPerSecond: z.number().positive().optional().describe('asked for, in place of what is measured'),
  cutRetention: z
    .strictObject({
      retentionMs: z.int().positive(),
      topics: z.array(z.string()),
      isDone: z.boolean().optional().describe('once in the life of a change: after a stop it is not cut again'),
    })
    .optional()
    .describe('before anything is copied'),
  handOvers: z
    .strictObject({ waitSeconds: z.number().nonnegative(), share: z.number().positive() })
    .optional()
    .describe(
      'how long writes to a partition may wait for its hand-over, and the share of all writes that may; absent: unlimited',
    ),
  p99BeforeSeconds: z.number().positive().optional().describe('of writes before the change, by the canary'),
  borrowed: z.array(Borrowed),
  checks: z.strictObject({ before: Checks.optional(), after: Checks.optional() }),
  log: z.array(z.strictObject({ at: z.iso.datetime(), says: z.string() })),
  leaseId: z.string().optional().describe('of the process at work on it, while it holds the lease of the cluster'),
  holder: FormerHolder.optional(),
});
export type ReassignState = z.infer<typeof ReassignState>;

/** What an operator asks of the process at work, beside it. */
export type Request = 'pause' | 'abort';

export function stateFile(folder: string, clusterId: string): string {
  return join(folder, 'kafka-changes', `${inPath(clusterId)}.json`);
}

const requestFile = (path: string) => path.replace(/\.json$/, '.request');

/** @returns undefined when there is none. @throws AppError change-unreadable, no-permission */
export const readState = (path: string): Promise<ReassignState | undefined> =>
  readStateFile(path, ReassignState, 'state of a reassignment');

/** @throws AppError change-under-way when another process began one of the cluster just now; no-space, no-permission */
export const beginState = (path: string, state: ReassignState): Promise<void> => createStateFile(path, state);

/** @throws AppError no-space, no-permission */
export const saveState = (path: string, state: ReassignState): Promise<void> => saveStateFile(path, state);

export async function writeRequest(path: string, request: Request): Promise<void> {
  await writeFile(requestFile(path), request);
}

export async function readRequest(path: string): Promise<Request | undefined> {
  const text = await readFile(requestFile(path), 'utf8').catch(() => '');
  return text === 'pause' || text === 'abort' ? text : undefined;
}

export async function clearRequest(path: string): Promise<void> {
  await rm(requestFile(path), { force: true });
}
