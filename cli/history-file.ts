// Finds the database of the history: --history-db, the config file or the state folder, as the service does.

import { join } from 'node:path';
import { stateFolder } from '../core/user-folders.ts';
import type { ServiceConfig } from '../app/config/service.ts';
import type { Caller, CommonRequest } from '../app/caller.ts';
import { text } from './option.ts';

export const historyDatabase = text(
  'FILE',
  'database of the history (default: that of the config file, or the one in the state folder)',
);
export const historyOption = { ...historyDatabase, formerly: 'ledger' };

type HistoryPlace = Pick<CommonRequest, 'state-dir'> & Readonly<{ 'history-db'?: string | undefined }>;

export function historyFile(
  { options, environment }: Pick<Caller<HistoryPlace>, 'options' | 'environment'>,
  service: Pick<ServiceConfig, 'ledger'> | undefined,
): string {
  const { 'history-db': database, 'state-dir': directory } = options;
  if (database !== undefined) return database;
  // A named folder is used as it is.
  if (directory !== undefined) return join(directory, 'ledger.sqlite');
  return service?.ledger ?? join(stateFolder(environment), 'ledger.sqlite');
}
