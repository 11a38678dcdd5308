// Reads the readings of a history file, up to a size limit.

import { readFile, stat } from 'node:fs/promises';
import { parseHistory } from '../../analyzer/forecast/history-csv.ts';
import type { Reading } from '../../analyzer/forecast/history.ts';
import { AppError } from '../../core/errors.ts';

/** Two years by the minute, with times written in full, are 45 MB. */
const mostBytes = 64 * 2 ** 20;

/** @throws AppError history-unreadable, not-found, no-permission */
export async function readHistoryFile(path: string, { signal }: { signal: AbortSignal }): Promise<Reading[]> {
  let content: Buffer;
  try {
    const file = await stat(path);
    if (file.size > mostBytes) {
      throw new AppError('history-unreadable', `${path} has more than ${mostBytes / 2 ** 20} MiB`, {
        hint: 'give one reading a minute or less often, of two years at most',
      });
    }
    content = await readFile(path, { signal });
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new AppError('not-found', `there is no file ${path}`, {
        cause,
        hint: 'give a CSV file with the header time,value',
      });
    }
    const why = code === 'EISDIR' ? 'it is a folder' : message;
    throw new AppError(code === 'EACCES' ? 'no-permission' : 'history-unreadable', `cannot read ${path}: ${why}`, {
      cause,
    });
  }
  try {
    return parseHistory(new TextDecoder('utf-8', { fatal: true }).decode(content), path);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('history-unreadable', `${path} is no text in UTF-8`, { cause });
  }
}
