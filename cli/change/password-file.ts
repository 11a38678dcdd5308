// Reads the password of a user that a command creates or changes.

import { readFileSync } from 'node:fs';
import { AppError } from '../../core/errors.ts';
import { readFailure } from '../../core/read-failure.ts';
import { text } from '../command.ts';

export const passwordFileOption = text('FILE', 'file with the password; it is never shown or written down');

/** Removes the line end that editors add. @throws AppError usage */
export function passwordIn(file = ''): string {
  let content: string;
  try {
    content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    throw new AppError('usage', `cannot read --password-file ${file}: ${readFailure(cause)}`, { cause });
  }
  if (content === '') throw new AppError('usage', `--password-file ${file} is empty`);
  return content;
}
