// Resolves the folder of the lab from the options.

import { join, resolve } from 'node:path';
import { labFolder } from '../core/user-folders.ts';
import { type CommandIo, type Option, text } from './command.ts';

export const stateDirectoryOption: Option = text(
  'DIR',
  'folder of what runs; each holds one lab (default: the XDG state folder, ~/.local/state/plimsoll)',
);

export function labDirectory({ options, environment }: Pick<CommandIo, 'options' | 'environment'>): string {
  const given = options['state-dir'];
  return resolve(typeof given === 'string' ? join(given, 'lab') : labFolder(environment));
}
