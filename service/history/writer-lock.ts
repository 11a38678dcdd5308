// Locks the history for one service, or for those that share it; the lock ends with its process.

import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../core/errors.ts';
import { historyFault } from './history-fault.ts';

export const lockFileOf = (file: string) => `${file}-service`;

const otherService =
  'stop it, or give this service another `--history-db`; two instances of one service both set `service.availability: pair`';

/**
 * An exclusive transaction on an empty file beside the history: the operating system lifts SQLite's lock when the process
 * is gone. The history itself stays free for reading, backups, and commands that add an entry.
 *
 * @param isShared with other services that say so, too; a read transaction is a shared lock
 * @param hint where another process has it
 * @throws AppError ledger-in-use, ledger-unwritable
 */
export function lockHistory(
  file: string,
  { isShared = false, hint = otherService }: { isShared?: boolean; hint?: string } = {},
): Disposable {
  const lock = lockFileOf(file);
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    database = new DatabaseSync(lock, { timeout: 0 });
    database.exec(isShared ? 'BEGIN; SELECT count(*) FROM sqlite_schema' : 'BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    const fault = historyFault(`cannot lock history file ${file}`, cause);
    if (fault instanceof AppError && fault.code === 'ledger-in-use') {
      throw new AppError('ledger-in-use', `another service uses history file ${file}`, { cause, hint });
    }
    throw fault;
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}
