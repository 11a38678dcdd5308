// Replaces the history with a backup; the previous history is set aside, and nothing is deleted.

import { existsSync, lchownSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Author } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import { draftOf, removeEarlierDrafts } from '../../core/files.ts';
import { checkLedger, copyLedger, syncFile, type CheckedLedger } from './backup.ts';
import { historyFault } from './history-fault.ts';
import { openHistory } from './sqlite-history.ts';
import { lockFileOf, lockHistory } from './writer-lock.ts';

interface Restored extends CheckedLedger {
  /** New path of the previous history; absent if it did not exist. */
  setAside?: string;
}

/** Suffixes of a database file and its companions: a journal left beside another database would be rolled back into that one. */
const parts = ['', '-journal', '-wal', '-shm'];

/**
 * Restores a backup, unless a service uses the history. The restore is recorded in the restored history.
 *
 * @throws AppError ledger-in-use, ledger-damaged for a damaged backup, ledger-newer-schema, not-found, ledger-full,
 *   no-permission, no-space
 */
export function restoreHistory(file: string, backup: string, { clock, by }: { clock: Clock; by: Author }): Restored {
  using _lock = lockHistory(file, { hint: 'stop the service, run the command again, and start it' });
  const isThere = existsSync(file);
  // A file that root restored or copied before does not show the owner; its folder does.
  const neighbour = isThere && statSync(file).uid !== 0 ? file : dirname(file);
  giveToService(lockFileOf(file), neighbour);
  const checked = checkedBackup(backup);
  removeEarlierDrafts(file);
  const partial = draftOf(file);
  const setAside = `${file}.before-${clock.now().toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    copyLedger(backup, partial);
    giveToService(partial, neighbour);
    for (const part of parts) if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${setAside}${part}`);
    renameSync(partial, file);
    syncFile(dirname(file));
  } catch (cause) {
    rmSync(partial, { force: true });
    throw historyFault(`cannot restore ${backup} as ${file}`, cause);
  }
  using history = openHistory(file, { clock });
  const before = isThere ? { before: setAside } : {};
  history.append({ kind: 'change', document: { what: 'restored', ...before, after: backup } }, by);
  return { ...checked, ...(isThere && { setAside }) };
}

function checkedBackup(backup: string): CheckedLedger {
  try {
    return checkLedger(backup);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const hint = 'nothing was changed: give a file that `plimsoll history backup` wrote';
    if (cause.code === 'not-found') throw new AppError('not-found', `there is no backup ${backup}`, { cause, hint });
    if (cause.code !== 'ledger-damaged') throw cause;
    throw new AppError('ledger-damaged', `${backup} is not an intact backup of a history: ${cause.message}`, {
      cause,
      hint,
    });
  }
}

/** Gives files that root restores to the user of the service. SQLite gives its extra files to the owner of the database. */
function giveToService(made: string, neighbour: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(neighbour);
  // Links are not followed, because that user may write to the folder and could replace a file with a link.
  lchownSync(made, uid, gid);
}
