// Locates the history database: --history-db, service.ledger of the config file, or the state folder, as in the service.

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { AppError } from '../core/errors.ts';
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

/** @throws AppError usage if an earlier version stored the history elsewhere despite `service.ledger` */
export function historyFile(
  { options, environment }: Pick<Caller<HistoryPlace>, 'options' | 'environment'>,
  config: { file: string; service: Pick<ServiceConfig, 'ledger'> } | undefined,
): string {
  const { 'history-db': database, 'state-dir': directory } = options;
  if (database !== undefined) return database;
  const ledger = config?.service.ledger;
  if (config === undefined || ledger === undefined) return join(directory ?? stateFolder(environment), 'ledger.sqlite');
  const configured = resolve(dirname(config.file), ledger);
  // Earlier versions preferred --state-dir, and resolved a relative path against the working directory.
  const earlier = directory === undefined ? resolve(ledger) : join(directory, 'ledger.sqlite');
  if (existsSync(configured) || !existsSync(earlier)) return configured;
  throw new AppError('usage', `service.ledger of ${config.file} is ${configured}, but the history is in ${earlier}`, {
    hint: `copy it with \`plimsoll history backup --history-db ${earlier} --out ${configured}\`, or remove service.ledger`,
  });
}
