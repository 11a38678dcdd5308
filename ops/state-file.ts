// Keeps the state of a change in one file that a crash leaves as it was before or as it is after.

import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { fileFaultCodes } from '../core/file-fault-codes.ts';

/** What releases before the lease wrote of the process at work: read, and of no effect. */
export const FormerHolder = z
  .strictObject({ pid: z.int(), host: z.string(), started: z.string().optional() })
  .describe('the process at work on it, in files of former releases');

/** Names come from clusters, groups and topics: whatever a path could trip over becomes its code. */
export const inPath = (text: string): string =>
  text.replace(/[^\w.-]/g, (letter) => `~${letter.codePointAt(0)?.toString(16)}~`);

/** @param what the file has to be, for words: `state of a change` @returns undefined when there is none. @throws AppError change-unreadable, no-permission */
export async function readStateFile<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  what: string,
): Promise<z.output<Schema> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storeFault(cause, `cannot read ${path}`);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? (cause.issues[0]?.message ?? 'not understood') : (cause as Error).message;
    throw new AppError('change-unreadable', `${path} is no ${what}: ${why}`, { cause });
  }
}

/**
 * The first state of a change: whole from its first moment, and never over that of another process.
 *
 * @throws AppError change-under-way when there is one, no-space, no-permission
 */
export async function createStateFile(path: string, state: object): Promise<void> {
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(fresh, state);
    // A link, unlike a rename, fails where the name is taken.
    await link(fresh, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw storeFault(cause, `cannot write ${path}`);
    throw new AppError('change-under-way', `another process has just begun a change of the same: ${path}`, { cause });
  } finally {
    await rm(fresh, { force: true });
  }
}

/** The new file, then its name, then the folder: once this returns it is there after a crash. @throws AppError no-space, no-permission */
export async function saveStateFile(path: string, state: object): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const fresh = `${path}.new`;
    await writeWhole(fresh, state);
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw storeFault(cause, `cannot write ${path}`);
  }
}

async function writeWhole(path: string, state: object): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(state, undefined, 2)}\n`);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** One that is over makes room for the next, and stays beside it. @returns where it is now */
export async function putAside(path: string, { startedAt }: { startedAt: string }): Promise<string> {
  const kept = path.replace(/\.json$/, `.${startedAt.replaceAll(':', '')}.over`);
  await rename(path, kept);
  return kept;
}

export function storeFault(cause: unknown, attempt: string): AppError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new AppError(fileFaultCodes[code ?? ''] ?? 'change-unreadable', `${attempt}: ${message}`, { cause });
}
