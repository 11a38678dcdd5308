// Finds the database of the history: --ledger, the config file or the state folder, as the service does.

import { join } from 'node:path';
import { stateFolder } from '../core/user-folders.ts';
import type { ServiceConfig } from '../app/config/service.ts';
import type { CommandIo } from './command.ts';
import { text } from './option.ts';

export const ledgerOption = text(
  'FILE',
  'database of the history (default: service.ledger of the config file, or ledger.sqlite in the state folder)',
);

export function ledgerFile(
  { options, environment }: Pick<CommandIo, 'options' | 'environment'>,
  service: Pick<ServiceConfig, 'ledger'> | undefined,
): string {
  const { ledger, 'state-dir': directory } = options;
  if (typeof ledger === 'string') return ledger;
  // Whoever names a folder means what is in it.
  if (typeof directory === 'string') return join(directory, 'ledger.sqlite');
  return service?.ledger ?? join(stateFolder(environment), 'ledger.sqlite');
}
