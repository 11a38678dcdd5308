// Names the folder of journals, backups and the audit log.

import { stateFolder } from '../core/user-folders.ts';
import type { Caller } from './caller.ts';

export function stateFolderOf({ options, environment }: Pick<Caller, 'options' | 'environment'>): string {
  return options['state-dir'] ?? stateFolder(environment);
}
