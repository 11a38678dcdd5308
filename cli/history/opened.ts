// Opens the history that a command works on, and names its author.

import { userInfo } from 'node:os';
import type { Author } from '../../core/documents/history-entry.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import type { CommandIo, OptionValues } from '../command.ts';
import { text } from '../option.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption } from '../config-option.ts';
import { historyOption, historyFile } from '../history-file.ts';

export const historyOptions = {
  'history-db': historyOption,
  config: { ...configFileOption, help: 'read the path of the history from this config file' },
  'state-dir': text('DIR', 'state folder of the service (default: the XDG state folder)'),
} as const;

type HistoryIo = CommandIo<OptionValues<typeof historyOptions>>;

/** The config is read only where it is named: the history in the state folder needs none. */
export async function historyPlace(io: HistoryIo): Promise<{ file: string; config?: Config }> {
  if (io.options.config === undefined) return { file: historyFile(io, undefined) };
  const config = await loadConfig(configPath(io.options.config), io);
  return { file: historyFile(io, config.service), config };
}

/** @throws AppError not-found, ledger-damaged, ledger-newer-schema */
export async function openForReading(io: HistoryIo): Promise<SqliteHistory> {
  const { file } = await historyPlace(io);
  return openHistory(file, { clock: io.clock, access: 'read' });
}

export const authorHere = (): Author => ({ name: userInfo().username.slice(0, 249), through: 'cli' });
