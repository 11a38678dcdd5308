// Names the folder of the audit log of changes.

import { stateFolder } from '../../core/user-folders.ts';
import type { CommandIo } from '../command.ts';

export function auditFolder({ options, environment }: Pick<CommandIo, 'options' | 'environment'>): string {
  const given = options['state-dir'];
  return typeof given === 'string' ? given : stateFolder(environment);
}
