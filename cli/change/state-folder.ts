// Names the folder of journals, backups and the audit log.

import { stateFolder } from '../../core/user-folders.ts';
import type { CommandIo, Option } from '../command.ts';

export const stateFolderOption = {
  'state-dir': { type: 'string', value: 'DIR', help: 'where changes are written down (default: the XDG state folder)' },
} as const satisfies Record<string, Option>;

export function stateFolderOf({ options, environment }: Pick<CommandIo, 'options' | 'environment'>): string {
  const given = options['state-dir'];
  return typeof given === 'string' ? given : stateFolder(environment);
}
