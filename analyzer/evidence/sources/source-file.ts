// Reads an exported file of bounded size.

import { createHash } from 'node:crypto';
import { AppError, faultAs } from '../../../core/errors.ts';
import { readUpTo } from '../../../core/files.ts';

/** A day of 200 items at 30 s is 45 MB of JSON. */
const mostFileBytes = 256 * 2 ** 20;

/** @throws AppError source-unreadable */
async function readSourceFile(file: string, signal: AbortSignal): Promise<string> {
  try {
    const content = await readUpTo(file, mostFileBytes, { signal });
    if (content.length > mostFileBytes) {
      throw new AppError('source-unreadable', `${file} is larger than ${mostFileBytes} bytes`, {
        hint: 'export fewer hosts or a shorter time, into several files',
      });
    }
    return content.toString('utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    return faultAs('source-unreadable', `cannot read ${file}`)(cause);
  }
}

/** Reads one file after another. @returns SHA-256 of all files @throws AppError source-unreadable */
export async function readSourceFiles(
  files: readonly string[],
  take: (file: string, text: string) => void,
  { signal }: { signal: AbortSignal },
): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    signal.throwIfAborted();
    const text = await readSourceFile(file, signal);
    hash.update(text);
    take(file, text);
  }
  return hash.digest('hex');
}
