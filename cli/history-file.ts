// Locates the history database: --history-db, service.ledger of the config file, or the state folder, as in the service.

import { dirname, join, resolve } from 'node:path';
import { stateFolder } from '../core/user-folders.ts';
import type { ServiceConfig } from '../app/config/service.ts';
import type { Caller, CommonRequest } from '../app/caller.ts';
import { text } from './command.ts';

export const historyDatabase = text(
  'FILE',
  'database of the history (default: that of the config file, or the one in the state folder)',
);
export const historyOption = { ...historyDatabase, formerly: 'ledger' };

type HistoryPlace = Pick<CommonRequest, 'state-dir'> & Readonly<{ 'history-db'?: string | undefined }>;

export function historyFile(
  { options, environment }: Pick<Caller<HistoryPlace>, 'options' | 'environment'>,
  config: { file: string; service: Pick<ServiceConfig, 'ledger'> } | undefined,
): string {
  const { 'history-db': database, 'state-dir': directory } = options;
  if (database !== undefined) return database;
  const ledger = config?.service.ledger;
  if (config === undefined || ledger === undefined) return join(directory ?? stateFolder(environment), 'ledger.sqlite');
  return resolve(dirname(config.file), ledger);
}
