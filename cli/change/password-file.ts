// Reads the password of a user that a command creates or changes.

import { AppError, readFailure } from '../../core/errors.ts';
import { readUpTo } from '../../core/files.ts';
import { text } from '../command.ts';

export const passwordFileOption = text('FILE', 'file with the password; it is never shown or written down');

const mostBytes = 65_536;

/**
 * Removes the line end that editors add. Called once: a pipe cannot be read again.
 *
 * @returns a function that throws if the step to run sets a password and no file was given, as may happen with --resume
 * @throws AppError usage
 */
export async function passwordIn(file: string | undefined, io: { signal: AbortSignal }): Promise<() => string> {
  if (file === undefined) {
    return () => {
      throw new AppError('usage', 'this change sets a password: give --password-file FILE');
    };
  }
  const content = await readUpTo(file, mostBytes, io).catch((cause: unknown) => {
    io.signal.throwIfAborted();
    throw new AppError('usage', `cannot read --password-file ${file}: ${readFailure(cause)}`, { cause });
  });
  const password = content.toString('utf8').replace(/\r?\n$/, '');
  if (password === '') throw new AppError('usage', `--password-file ${file} is empty`);
  if (content.length > mostBytes)
    throw new AppError('usage', `--password-file ${file} is longer than ${mostBytes} bytes`);
  return () => password;
}
