// Writes a file that a user named, and overwrites an existing one only on request.

import { lstatSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { AppError } from '../../core/errors.ts';
import { fileFaultCodes } from '../../core/file-fault-codes.ts';
import { replaceFile } from '../../core/replace-file.ts';

interface WriteNew {
  /** Overwrite a file that exists. */
  force?: boolean;
  mode?: number;
  /** What to do where it cannot be written. */
  hint?: string;
}

/** @throws AppError file-exists, no-permission, no-space, usage; a half-written new file is removed */
export async function writeNew(
  path: string,
  data: string | Buffer,
  { force = false, mode = 0o666, hint }: WriteNew = {},
): Promise<void> {
  try {
    const existing = force ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
    // What is written over stays whole where the new content does not fit on the disk.
    if (existing?.isFile() === true) {
      await replaceFile(path, (file) => file.writeFile(data), { mode });
    } else await writeFile(path, data, { flag: force ? 'w' : 'wx', mode });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const more = { cause, hint };
    if (code === 'EEXIST') throw new AppError('file-exists', `${path} already exists`, more);
    const fault = fileFaultCodes[code] ?? 'usage';
    if (fault === 'no-space' && !force) await rm(path, { force: true });
    throw new AppError(fault, `cannot write ${path}: ${message}`, more);
  }
}
