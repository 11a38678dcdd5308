// Writes a file named by the user, and overwrites an existing one only on request.

import { lstatSync } from 'node:fs';
import { access, constants, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, fileFaultCodes } from '../../core/errors.ts';
import { replaceFile } from '../../core/files.ts';

interface WriteNew {
  /** Overwrite a file that exists. */
  force?: boolean;
  mode?: number;
  /** Remedy for a path that exists or is wrong. */
  hint?: string;
}

/** @throws AppError file-exists, no-permission, no-space, usage; removes a partially written new file */
export async function writeNew(
  path: string,
  data: string | Buffer,
  { force = false, mode = 0o666, hint }: WriteNew = {},
): Promise<void> {
  try {
    const existing = force ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    // An existing file stays intact if the new content does not fit on the disk.
    if (existing?.isFile() === true) {
      await replaceFile(path, (file) => file.writeFile(data), { mode });
    } else await writeFile(path, data, { flag: force ? 'w' : 'wx', mode });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const more = { cause, hint };
    if (code === 'EEXIST') throw alreadyExists(path, more);
    const fault = fileFaultCodes[code] ?? 'usage';
    if (fault === 'no-space' && !force) await rm(path, { force: true });
    throw new AppError(fault, `cannot write ${path}: ${message}`, fault === 'usage' ? more : { cause });
  }
}

/** Runs before long work. @throws AppError file-exists, no-permission, usage */
export async function checkWritable(path: string, { force = false }: Pick<WriteNew, 'force'> = {}): Promise<void> {
  let isThere: boolean;
  try {
    const existing = lstatSync(path, { throwIfNoEntry: false });
    isThere = existing !== undefined;
    // A device or pipe is written directly; a file is created or replaced in its folder.
    await access(existing === undefined || existing.isFile() ? dirname(path) : path, constants.W_OK);
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    throw new AppError(fileFaultCodes[code] ?? 'usage', `cannot write ${path}: ${message}`, { cause });
  }
  if (isThere && !force) throw alreadyExists(path);
}

const alreadyExists = (path: string, more: ConstructorParameters<typeof AppError>[2] = {}) =>
  new AppError('file-exists', `${path} already exists`, more);
