// Reads the single argument of a command.

import { AppError } from '../core/errors.ts';
import type { CommandIo } from './command.ts';

/** @throws AppError usage for none or several */
export function oneWord({ positionals }: Pick<CommandIo, 'positionals'>, command: string, what: string): string {
  const [word, ...others] = positionals;
  if (word !== undefined && others.length === 0) return word;
  const got = word === undefined ? 'none' : positionals.join(' ');
  throw new AppError('usage', `\`plimsoll ${command}\` takes one word, ${what}, but got ${got}`, {
    hint: `see \`plimsoll ${command} --help\``,
  });
}
