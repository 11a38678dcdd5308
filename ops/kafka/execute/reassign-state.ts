// Where does a reassignment stand, after a crash too? One file for each cluster, on the disk before each thing that is asked of a broker.

import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Finding } from '../../../core/analysis.ts';
import { AppError } from '../../../core/errors.ts';
import { fileFaultCodes } from '../../../core/file-fault-codes.ts';

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
    .strictObject({ retentionMs: z.int().positive(), topics: z.array(z.string()) })
    .optional()
    .describe('still to be done, before anything is copied'),
  borrowed: z.array(Borrowed),
  checks: z.strictObject({ before: Checks.optional(), after: Checks.optional() }),
  log: z.array(z.strictObject({ at: z.iso.datetime(), says: z.string() })),
  holder: z
    .strictObject({ pid: z.int(), host: z.string(), started: z.string().optional() })
    .optional()
    .describe('the process at work on it'),
});
export type ReassignState = z.infer<typeof ReassignState>;

/** What an operator asks of the process at work, beside it. */
export type Request = 'pause' | 'abort';

const inPath = (text: string) => text.replace(/[^\w.-]/g, (letter) => `~${letter.codePointAt(0)?.toString(16)}~`);

export function stateFile(folder: string, clusterId: string): string {
  return join(folder, 'kafka-changes', `${inPath(clusterId)}.json`);
}

const requestFile = (path: string) => path.replace(/\.json$/, '.request');

/** @returns undefined when there is none. @throws AppError change-unreadable, no-permission */
export async function readState(path: string): Promise<ReassignState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storeFault(cause, `cannot read ${path}`);
  }
  try {
    return ReassignState.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? (cause.issues[0]?.message ?? 'not understood') : (cause as Error).message;
    throw new AppError('change-unreadable', `${path} is no state of a reassignment: ${why}`, { cause });
  }
}

/** The new file, then its name, then the folder: a crash leaves the state before or the state after. @throws AppError no-space, no-permission */
export async function saveState(path: string, state: ReassignState): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const fresh = `${path}.new`;
    {
      await using file = await open(fresh, 'w', 0o600);
      await file.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
      await file.sync();
    }
    await rename(fresh, path);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (cause) {
    throw storeFault(cause, `cannot write ${path}`);
  }
}

/** One that is over makes room for the next, and stays beside it. @returns where it is now */
export async function putAside(path: string, { startedAt }: ReassignState): Promise<string> {
  const kept = path.replace(/\.json$/, `.${startedAt.replaceAll(':', '')}.over`);
  await rename(path, kept);
  return kept;
}

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

export const thisProcess = () => {
  const started = startOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(started !== undefined && { started }) };
};

/** A process of another machine cannot be looked at from here: it counts as at work. */
export function isHeldByAnother({ holder }: ReassignState): boolean {
  if (holder === undefined || (holder.host === hostname() && holder.pid === process.pid)) return false;
  if (holder.host !== hostname()) return true;
  // Numbers of processes are given again: the one that has it now may be another.
  return isAlive(holder.pid) && (holder.started === undefined || startOf(holder.pid) === holder.started);
}

/** When a process began, in ticks since the machine did (proc(5), field 22 of stat); Linux only. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything: two fields lie before it ends, nineteen between that and the start.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function storeFault(cause: unknown, attempt: string): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new AppError(fileFaultCodes[code ?? ''] ?? 'change-unreadable', `${attempt}: ${message}`, { cause });
}
