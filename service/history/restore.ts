// Replaces the history with a backup; the former one is set aside, and nothing is deleted.

import { chmodSync, copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Author } from '../../core/documents/history-entry.ts';
import { checkLedger, createPrivate, syncFile, type CheckedLedger } from './backup.ts';
import { historyFault } from './history-fault.ts';
import { openHistory } from './sqlite-history.ts';
import { lockHistory } from './writer-lock.ts';

interface Restored extends CheckedLedger {
  /** Where the former history is now; absent when there was none. */
  setAside?: string;
}

/** A database file, and the files that SQLite keeps with it. */
const parts = ['', '-wal', '-shm'];

/**
 * Refused while a service uses the history. The restore is recorded in the restored history.
 *
 * @throws AppError ledger-in-use, ledger-damaged for a backup that is, ledger-newer-schema, not-found, ledger-full
 */
export function restoreHistory(file: string, backup: string, { clock, by }: { clock: Clock; by: Author }): Restored {
  using _lock = lockHistory(file);
  const checked = checkLedger(backup);
  const partial = `${file}.partial-${process.pid}`;
  const setAside = `${file}.before-${clock.now().toISOString().replaceAll(/[:.]/g, '-')}`;
  const isThere = existsSync(file);
  try {
    rmSync(partial, { force: true });
    createPrivate(partial);
    copyFileSync(backup, partial);
    // The copy of a file takes its mode along.
    chmodSync(partial, 0o600);
    syncFile(partial);
    for (const part of parts) if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${setAside}${part}`);
    renameSync(partial, file);
    syncFile(dirname(file));
  } catch (cause) {
    rmSync(partial, { force: true });
    throw historyFault(`cannot replace ${backup} in place of ${file}`, cause);
  }
  using history = openHistory(file, { clock });
  const before = isThere ? { before: setAside } : {};
  history.append({ kind: 'change', document: { what: 'restored', ...before, after: backup } }, by);
  return { ...checked, ...(isThere && { setAside }) };
}
