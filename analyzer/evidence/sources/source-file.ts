// Reads an exported file of bounded size.

import { readFile, stat } from 'node:fs/promises';
import { AppError } from '../../../core/errors.ts';

/** A day of 200 items at 30 s is 45 MB of JSON. */
const mostFileBytes = 256 * 2 ** 20;

/** @throws AppError source-unreadable */
export async function readSourceFile(file: string, signal: AbortSignal): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostFileBytes) {
      throw new AppError('source-unreadable', `${file} is larger than ${mostFileBytes} bytes`, {
        hint: 'export fewer hosts or a shorter time, into several files',
      });
    }
    return (await readFile(file, { encoding: 'utf8', signal })).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    throw new AppError('source-unreadable', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

/** @throws AppError source-unreadable */
export function parseSourceJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('source-unreadable', `${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
}
