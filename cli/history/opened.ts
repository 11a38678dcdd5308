// Opens the history for a command, and determines the author of its entries.

import type { Author } from '../../core/documents/history-entry.ts';
import { openHistory, type SqliteHistory } from '../../service/history/sqlite-history.ts';
import { type IoOf, text } from '../command.ts';
import { operator } from '../../app/change/operator.ts';
import { loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption, presentConfigFile, historyOption, historyFile } from '../options.ts';

export const historyOptions = {
  'history-db': historyOption,
  config: { ...configFileOption, help: 'read the path of the history from this config file' },
  'state-dir': text('DIR', 'state folder of the service (default: the XDG state folder)'),
} as const;

type HistoryIo = IoOf<typeof historyOptions>;

/** Reads the default config file only for the path of the history, so not with --history-db. */
export async function historyPlace(io: HistoryIo): Promise<{ file: string; config?: Config }> {
  const { config: named, 'history-db': database } = io.options;
  const file = database === undefined ? presentConfigFile(named) : named;
  if (file === undefined) return { file: historyFile(io, undefined) };
  const config = await loadConfig(file, io);
  return { file: historyFile(io, { file, service: config.service }), config };
}

/** @throws AppError not-found, ledger-damaged, ledger-newer-schema */
export async function openForReading(io: HistoryIo): Promise<SqliteHistory> {
  const { file } = await historyPlace(io);
  return openHistory(file, { clock: io.clock, access: 'read' });
}

export const authorHere = (io: HistoryIo): Author => ({ name: operator(io).owner.slice(0, 249), through: 'cli' });
