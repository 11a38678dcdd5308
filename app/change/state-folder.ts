// Names the folder of journals, backups and the audit log.

import { stateFolder } from '../../core/user-folders.ts';
import type { CommandIo } from '../../cli/command.ts';
import { text } from '../../cli/option.ts';

export const stateFolderOption = {
  'state-dir': text('DIR', 'where changes are written down (default: the XDG state folder)'),
};

export function stateFolderOf({ options, environment }: Pick<CommandIo, 'options' | 'environment'>): string {
  const given = options['state-dir'];
  return typeof given === 'string' ? given : stateFolder(environment);
}
