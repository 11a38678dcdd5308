// Writes a file that a command proposes: to --out, or to standard output for `-`.

import { existsSync } from 'node:fs';
import { writeNew } from '../app/files/write-new.ts';
import { AppError } from '../core/errors.ts';
import { type CommandIo, renderJson } from './command.ts';

type Options = Readonly<{ force: boolean; json: boolean }>;

/** Before work that takes long. @throws AppError usage, file-exists */
export function checkProposal(out: string | undefined, { force, json }: Options): void {
  if (out === '-' && json) {
    throw new AppError('usage', '--out - and --json both write to standard output', { hint: 'give one of them' });
  }
  if (out !== undefined && out !== '-' && !force && existsSync(out)) {
    throw new AppError('file-exists', `${out} already exists and may have been edited`);
  }
}

/** @returns whether it is in a file now. @throws AppError as checkProposal, and those of a write */
export async function writeProposal(
  { options, stdout }: Pick<CommandIo<Options>, 'options' | 'stdout'>,
  out: string,
  text: string,
  document: object,
): Promise<boolean> {
  checkProposal(out, options);
  if (out === '-') {
    stdout.write(text);
    return false;
  }
  await writeNew(out, text, { force: options.force });
  stdout.write(options.json ? renderJson({ schemaVersion: 1, ...document }) : `${out}\n`);
  return true;
}
