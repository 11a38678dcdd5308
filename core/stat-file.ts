// Reads the status of a file of a bundle, and refuses what may have no end.

import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AppError } from './errors.ts';

/** A device has no end, and opening a pipe waits for a writer. @throws AppError run-unreadable; errors of `stat` */
export async function statFile(path: string): Promise<Stats> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return found;
  throw new AppError('run-unreadable', `cannot read ${path}: it is a device or a pipe`);
}
