// Copies the history while the service writes, and checks that a copy can be restored.

import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { draftOf, removeEarlierDrafts } from '../../core/files.ts';
import { historyFault } from './history-fault.ts';
import { migrate, onlyValue, openDatabase, refuseDamaged } from './open-database.ts';

export type CheckedLedger = ReturnType<typeof checkLedger>;

/**
 * Replaces an existing file at `out` only after the copy is complete and on disk.
 *
 * @throws AppError not-found, ledger-damaged, ledger-full, ledger-unwritable, no-permission, no-space
 */
export function backUpHistory(file: string, out: string): CheckedLedger {
  removeEarlierDrafts(out);
  const partial = draftOf(out);
  try {
    copyLedger(file, partial);
    const checked = checkLedger(partial);
    renameSync(partial, out);
    syncFile(dirname(out));
    return checked;
  } catch (cause) {
    rmSync(partial, { force: true });
    const hint = `the history is unchanged: check that the folder ${dirname(resolve(out))} of the backup exists, has free space and that this user may write to it, or choose another one with --out`;
    throw historyFault(`cannot write the backup ${out}`, cause, hint);
  }
}

/** Entries per page: a writer of a shared history waits while a page is read, and verdicts can have megabytes. */
const atOnce = 10;

/** Long, because only this command waits for a writer. */
const patienceMs = 10_000;

/**
 * Copies the entries in pages. Entries never change, so the copy is consistent up to the last entry at the start without
 * one long transaction, which would block writers of a shared history. The copy is on disk when this returns.
 *
 * @throws AppError not-found, ledger-damaged; the fault of SQLite or of the file system if the copy cannot be written
 */
export function copyLedger(file: string, copy: string): void {
  using source = openDatabase(file, 'read');
  rmSync(copy, { force: true });
  // Creates the file with owner-only permissions, because the history is private; SQLite accepts an empty file.
  closeSync(openSync(copy, 'wx', 0o600));
  {
    using database = new DatabaseSync(copy, { timeout: patienceMs });
    // An incomplete copy is deleted, not repaired, so it needs no journal.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF');
    migrate(database, 0, Number(onlyValue(source, 'PRAGMA user_version')));
    database.prepare('ATTACH ? AS source').run(`${pathToFileURL(file).href}?mode=ro`);
    const others = "SELECT name FROM source.sqlite_schema WHERE type = 'table' AND name <> 'entry'";
    for (const { name } of database.prepare(others).all())
      database.exec(`INSERT OR REPLACE INTO main.${String(name)} SELECT * FROM source.${String(name)}`);
    const last = Number(onlyValue(database, 'SELECT max(seq) FROM main.sqlite_sequence'));
    const page = 'SELECT * FROM source.entry WHERE id > ? AND id <= ? ORDER BY id LIMIT ?';
    const insert = database.prepare(`INSERT INTO entry ${page}`);
    let copied = insert.run(0, last, atOnce);
    while (copied.changes !== 0) copied = insert.run(copied.lastInsertRowid, last, atOnce);
  }
  syncFile(copy);
}

/** Reads every page. @throws AppError not-found, ledger-damaged, ledger-newer-schema */
export function checkLedger(file: string) {
  using database = openDatabase(file, 'read');
  try {
    refuseDamaged(database, file, 'integrity_check');
    const row = database.prepare('SELECT count(*) AS entries, max(at_ms) AS lastMs FROM entry').get();
    const { entries, lastMs } = row as { entries: number; lastMs: number | null };
    // lastMs is null without entries.
    return { entries, ...(lastMs !== null && { lastAt: new Date(lastMs) }) };
  } catch (cause) {
    throw historyFault(`cannot read ${file}`, cause);
  }
}

export function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
