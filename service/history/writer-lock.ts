// Locks the history for one service, or for the services that share it; the lock ends with its process.

import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../core/errors.ts';
import { historyFault } from './history-fault.ts';

export const lockFileOf = (file: string) => `${file}-service`;

const otherService =
  'stop it, or give this service another `--history-db`; two instances of one service both set `service.availability: pair`';

/**
 * Opens an exclusive transaction on an empty file beside the history: the operating system releases SQLite's lock when
 * the process ends. The history itself stays available for reading, backups, and commands that add an entry.
 *
 * @param isShared with other services that also set it; a read transaction is a shared lock
 * @param hint shown if another process has the lock
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
    // Whoever may read the file can hold a shared lock, and keep the service from starting. A link of another user stays.
    if (lstatSync(lock).uid === process.getuid?.()) chmodSync(lock, 0o600);
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
