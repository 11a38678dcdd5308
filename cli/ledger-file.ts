// Which ledger is meant? The one named, or config's, or that of the state folder: the same for the service and the commands beside it.

import { join } from 'node:path';
import { stateFolder } from '../core/user-folders.ts';
import type { ServiceConfig } from '../service/config.ts';
import type { CommandIo, Option } from './command.ts';

export const ledgerOption = {
  type: 'string',
  value: 'FILE',
  help: 'the ledger (default service.ledger of the config file, else ledger.sqlite in the state folder)',
} as const satisfies Option;

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
