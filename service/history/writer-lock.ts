// Locks the history for one service, or for the services that share it, and its state folder; a lock ends with its process.

import { chmodSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, faultAs } from '../../core/errors.ts';
import { historyFault } from './history-fault.ts';
import { makeFolder } from '../../core/files.ts';

export const lockFileOf = (file: string) => `${file}-service`;

const otherService =
  'stop it, or give this service another `--state-dir`, and another history if `--history-db` or `service.ledger` names one; two instances of one service both set `service.availability: pair`';

/**
 * The history itself stays available for reading, backups, and commands that add an entry.
 *
 * @param isShared with other services that also set it
 * @param hint shown if another process has the lock
 * @throws AppError ledger-in-use, ledger-unwritable
 */
export const lockHistory = (
  file: string,
  { isShared = false, hint = otherService }: { isShared?: boolean; hint?: string } = {},
): Disposable => lockFile(lockFileOf(file), { what: `history file ${file}`, isShared, hint });

/**
 * Two services with different histories in one folder would overwrite each other's load tests and readings.
 *
 * @param isPair the folder is named after the machine and the port
 * @throws AppError ledger-in-use, state-unwritable
 */
export function lockStateFolder(directory: string, { isPair = false } = {}): Disposable {
  const hint = isPair
    ? 'stop it, or give this instance another port (`--listen`) or host name'
    : 'stop it, or give this service another `--state-dir`';
  try {
    return lockFile(join(directory, 'service.lock'), { what: `state folder ${directory}`, isShared: false, hint });
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'ledger-in-use') throw cause;
    return faultAs('state-unwritable', `cannot lock state folder ${directory}`)(cause);
  }
}

/**
 * Opens a transaction on an empty database: the operating system releases SQLite's lock when the process ends. A read
 * transaction is a shared lock.
 */
function lockFile(
  lock: string,
  { what, isShared, hint }: { what: string; isShared: boolean; hint: string },
): Disposable {
  let database: DatabaseSync | undefined;
  try {
    makeFolder(dirname(lock));
    database = new DatabaseSync(lock, { timeout: 0 });
    // Whoever may read the file can hold a shared lock, and keep the service from starting. A link of another user stays.
    if (lstatSync(lock).uid === process.getuid?.()) chmodSync(lock, 0o600);
    database.exec(isShared ? 'BEGIN; SELECT count(*) FROM sqlite_schema' : 'BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    const fault = historyFault(`cannot lock ${what}`, cause);
    if (fault instanceof AppError && fault.code === 'ledger-in-use') {
      throw new AppError('ledger-in-use', `another service uses ${what}`, { cause, hint });
    }
    throw fault;
  }
  const held = database;
  return { [Symbol.dispose]: () => held.close() };
}
