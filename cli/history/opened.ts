// Opens the history that a command works on, and names its author.

import { userInfo } from 'node:os';
import type { Author } from '../../core/documents/history-entry.ts';
import { openLedger, type SqliteLedger } from '../../service/history/sqlite-history.ts';
import type { CommandIo, OptionValues } from '../command.ts';
import { text } from '../option.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption } from '../config-option.ts';
import { historyOption, ledgerFile } from '../history-file.ts';

export const ledgerOptions = {
  'history-db': historyOption,
  config: { ...configFileOption, help: 'read the path of the history from this config file' },
  'state-dir': text('DIR', 'state folder of the service (default: the XDG state folder)'),
} as const;

type LedgerIo = CommandIo<OptionValues<typeof ledgerOptions>>;

/** The config is read only where it is named: the history in the state folder needs none. */
export async function ledgerPlace(io: LedgerIo): Promise<{ file: string; config?: Config }> {
  if (io.options.config === undefined) return { file: ledgerFile(io, undefined) };
  const config = await loadConfig(configPath(io.options.config), io);
  return { file: ledgerFile(io, config.service), config };
}

/** @throws AppError not-found, ledger-damaged, ledger-newer-schema */
export async function openForReading(io: LedgerIo): Promise<SqliteLedger> {
  const { file } = await ledgerPlace(io);
  return openLedger(file, { clock: io.clock, access: 'read' });
}

export const authorHere = (): Author => ({ name: userInfo().username.slice(0, 249), through: 'cli' });
