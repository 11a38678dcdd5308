// Replaces one JSON document in a file atomically: after a crash the file has the old or the new document.

import { createHash, randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, type FaultCode, fileFaultCodes, ignoreFault } from '../../core/errors.ts';
import { parseJsonFile } from '../../core/text/parse-json.ts';
import { makeFolder, removeEarlierDrafts } from '../../core/files.ts';

/** Escapes characters that are unsafe in paths, because names come from clusters, groups and topics. */
const inPath = (text: string): string =>
  text.replace(/[^\w.-]/g, (letter) => `~${letter.codePointAt(0)?.toString(16)}~`);

/** Maximum bytes of a file name on the file systems of Linux and macOS. */
const longestName = 255;
/** Length that drafts add to a file name. */
const draftLength = {
  createDocument: '.00000000-0000-0000-0000-000000000000.new'.length,
  saveDocument: '.new'.length,
};

/**
 * Returns a file name that identifies these names. A name that would be too long ends in a digest, after a character
 * that escaped names do not have.
 *
 * @param by function that writes the file
 */
export function fileName(
  names: readonly string[],
  ending: string,
  by: keyof typeof draftLength = 'createDocument',
): string {
  const whole = names.map(inPath).join('--');
  const most = longestName - draftLength[by] - ending.length;
  if (whole.length <= most) return `${whole}${ending}`;
  const digest = createHash('sha256').update(JSON.stringify(names)).digest('hex').slice(0, 32);
  return `${whole.slice(0, most - digest.length - 1)}=${digest}${ending}`;
}

/** @returns undefined if there is no file. @throws AppError change-unreadable, no-permission, usage */
export async function readDocument(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(ifAbsent(undefined, path));
  return text === undefined ? undefined : parseJsonFile(text, path, 'change-unreadable');
}

/**
 * Writes a new file atomically, and never over another one.
 *
 * @returns whether it was written: false if the file exists. @throws AppError no-space, no-permission, usage
 */
export async function createDocument(path: string, document: object): Promise<boolean> {
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    makeFolder(dirname(path));
    removeEarlierDrafts(path);
    await writeWhole(fresh, document);
    // A link, unlike a rename, fails if the name exists.
    await link(fresh, path);
    await syncFolder(dirname(path));
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw storeFault(cause, `cannot write ${path}`, 'no-permission');
    return false;
  } finally {
    await rm(fresh, { force: true }).catch(ignoreFault('nothing reads it; a name that is too long cannot be removed'));
  }
}

/**
 * Syncs the new file, renames it, then syncs the folder, so that it survives a crash. @throws AppError no-space,
 * no-permission, usage
 */
export async function saveDocument(path: string, document: object): Promise<void> {
  try {
    makeFolder(dirname(path));
    const fresh = `${path}.new`;
    await writeWhole(fresh, document);
    await rename(fresh, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw storeFault(cause, `cannot write ${path}`, 'no-permission');
  }
}

async function writeWhole(path: string, document: object): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(document, undefined, 2)}\n`);
  await file.sync();
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

export function storeFault(cause: unknown, attempt: string, otherwise: FaultCode = 'change-unreadable'): AppError {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  return new AppError(fileFaultCodes[code] ?? otherwise, `${attempt}: ${message}`, { cause, hint: storeHints[code] });
}

/** The journal of a change is only in the folder where the change began. */
const ofOtherUser = 'run it as the user who owns this folder; to begin a new change, --state-dir may name another one';
const storeHints: Readonly<Record<string, string>> = {
  EACCES: ofOtherUser,
  EPERM: ofOtherUser,
  EROFS:
    'the file system is read-only: mount it writable, or to begin a new change name another folder with --state-dir',
  ENAMETOOLONG: 'give a shorter path with --state-dir or --out',
};

/** For `catch` of a read: returns this value if the file or folder does not exist. @throws as `storeFault` */
export const ifAbsent =
  <Value>(value: Value, path: string) =>
  (cause: unknown): Value => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return value;
    throw storeFault(cause, `cannot read ${path}`);
  };
