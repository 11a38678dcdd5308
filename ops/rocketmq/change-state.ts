// Where does a change of a RocketMQ cluster stand, after a crash too? One file for each, on the disk before and after each step.

import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { Finding } from '../../core/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { fileFaultCodes } from '../../core/file-fault-codes.ts';

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
  holder: z.strictObject({ pid: z.number().int(), host: z.string() }).optional().describe('the process at work on it'),
});
export type ChangeState = z.infer<typeof ChangeState>;

/** Names come from clusters and topics: whatever a path could trip over becomes its code. */
const inPath = (text: string) => text.replace(/[^\w.-]/g, (letter) => `~${letter.codePointAt(0)?.toString(16)}~`);

export function changeFile(
  folder: string,
  { cluster, change, subject }: Pick<ChangeState, 'cluster' | 'change' | 'subject'>,
) {
  return join(folder, 'rocketmq-changes', `${[cluster, change, subject].map(inPath).join('--')}.json`);
}

/** @returns undefined when there is none. @throws AppError change-unreadable, no-permission */
export async function readChange(path: string): Promise<ChangeState | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storeFault(cause, `cannot read ${path}`);
  }
  try {
    return ChangeState.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? (cause.issues[0]?.message ?? 'not understood') : (cause as Error).message;
    throw new AppError('change-unreadable', `${path} is no state of a change: ${why}`, { cause });
  }
}

/** Those of a cluster that are begun and neither done nor aborted. */
export async function runningChanges(folder: string, cluster: string): Promise<ChangeState[]> {
  const path = join(folder, 'rocketmq-changes');
  const names = await readdir(path).catch(() => []);
  const states = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readChange(join(path, name)).catch(() => undefined)),
  );
  return states
    .filter((state) => state !== undefined)
    .filter((state) => state.cluster === cluster && state.status === 'running');
}

/** @throws AppError change-under-way when another process began the same one just now; no-space, no-permission */
export async function beginChange(path: string, state: ChangeState): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
    await file.sync();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw storeFault(cause, `cannot write ${path}`);
    throw new AppError('change-under-way', `${state.change} of ${state.subject} was begun just now: ${path}`, {
      cause,
    });
  }
}

/** The new file, then its name, then the folder: a crash leaves the state before or the state after. @throws AppError no-space, no-permission */
export async function saveChange(path: string, state: ChangeState): Promise<void> {
  const text = `${JSON.stringify(state, undefined, 2)}\n`;
  const fresh = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(fresh, 'w', 0o600);
    await file.writeFile(text);
    await file.sync();
    await rename(fresh, path);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (cause) {
    throw storeFault(cause, `cannot write ${path}`);
  }
}

/** One that is over makes room for another and stays beside it. */
export async function putAside(path: string, { startedAt }: ChangeState): Promise<void> {
  await rename(path, path.replace(/\.json$/, `.${startedAt.replaceAll(':', '')}.over`));
}

export const thisProcess = () => ({ pid: process.pid, host: hostname() });

/** @throws AppError change-under-way while another process works on it */
export function refuseIfHeld({ holder, change, subject }: ChangeState): void {
  if (holder === undefined || holder.pid === process.pid) return;
  if (holder.host === hostname() && !isAlive(holder.pid)) return;
  throw new AppError(
    'change-under-way',
    `${change} of ${subject} is at work in process ${holder.pid} on ${holder.host}`,
  );
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
