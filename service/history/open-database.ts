// Opens the database of the history, checks it and migrates older versions.

import { chmodSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../core/errors.ts';
import { historyFault } from './history-fault.ts';
import { makeFolder } from '../../core/files.ts';

/**
 * Short, because waiting blocks the whole process; long enough for commands, which write for milliseconds while the
 * service runs.
 */
const patienceMs = 500;

/**
 * With a write-ahead log, reads continue during writes, but all processes must be on one machine (sqlite.org/wal.html).
 * A file on a shared disk needs a rollback journal.
 */
export type Journal = 'wal' | 'delete';

/**
 * Opens the history. A commit returns when it is on disk (sqlite.org/pragma.html#pragma_synchronous).
 *
 * @param access `read` never changes the file, and throws if it does not exist
 * @param journal by default an existing file keeps its journal, and a new one gets a write-ahead log
 * @throws AppError ledger-damaged, ledger-newer-schema, ledger-in-use, ledger-full, ledger-unwritable, not-found
 */
export function openDatabase(file: string, access: 'read' | 'write', journal?: Journal): DatabaseSync {
  const isNew = !existsSync(file);
  if (isNew && access === 'read') {
    throw new AppError('not-found', `history file ${file} not found`, {
      hint: 'use --history-db FILE, or a config file that names the history; `plimsoll serve` and `plimsoll history add` create it',
    });
  }
  // Opening a pipe would block the process until it is killed.
  if (!isNew && statSync(file).isFIFO()) throw new AppError('ledger-damaged', `history file ${file} is a pipe`);
  let database: DatabaseSync | undefined;
  try {
    if (isNew) makeFolder(dirname(file));
    database = new DatabaseSync(file, { timeout: patienceMs, readOnly: access === 'read' });
    if (isNew) chmodSync(file, 0o600);
    const version = versionOf(database, file);
    if (access === 'read') {
      if (version === 0) throw new AppError('ledger-damaged', `history file ${file} is empty`);
      return database;
    }
    refuseDamaged(database, `history file ${file}`, 'quick_check');
    useJournal(database, file, journal ?? (version === 0 ? 'wal' : undefined));
    database.exec('PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF');
    migrate(database, version);
    return database;
  } catch (cause) {
    database?.close();
    throw historyFault(`cannot open history file ${file}`, cause);
  }
}

/** @throws AppError ledger-in-use, because changing the journal requires exclusive access */
function useJournal(database: DatabaseSync, file: string, journal: Journal | undefined): void {
  if (journal === undefined) return;
  if (onlyValue(database, `PRAGMA journal_mode = ${journal}`) !== journal)
    throw new AppError('ledger-in-use', `another process uses history file ${file}`);
}

/** @returns 0 for an empty file. @throws AppError ledger-newer-schema, ledger-damaged for a file that is not a history */
function versionOf(database: DatabaseSync, file: string): number {
  const version = Number(onlyValue(database, 'PRAGMA user_version'));
  const hasTables = Number(onlyValue(database, 'SELECT count(*) FROM sqlite_schema')) > 0;
  if (hasTables && onlyValue(database, 'PRAGMA application_id') !== applicationId) {
    throw new AppError('ledger-damaged', `${file} is a database of another program`, {
      hint: 'nothing was written to it: use another file for --history-db',
    });
  }
  if (version <= migrations.length) return version;
  throw new AppError(
    'ledger-newer-schema',
    `history file ${file} has schema ${version}, and this version supports schemas up to ${migrations.length}`,
  );
}

/**
 * @param name of the file in the message
 * @param check the quick check verifies the order of rows in pages, but not indexes: 0.15 s for 30,000 verdicts in 400
 *   MB (Node 24)
 * @throws AppError ledger-damaged
 */
export function refuseDamaged(database: DatabaseSync, name: string, check: 'quick_check' | 'integrity_check'): void {
  const said = String(onlyValue(database, `PRAGMA ${check}(1)`)).replaceAll('\n', ' ');
  if (said !== 'ok') throw new AppError('ledger-damaged', `${name} is damaged: ${said}`);
}

/** @param sql query that returns one value */
export const onlyValue = (database: DatabaseSync, sql: string): unknown =>
  Object.values(database.prepare(sql).get() ?? {})[0];

export function migrate(database: DatabaseSync, version: number, wanted = migrations.length): void {
  if (version === wanted) return;
  inTransaction(database, () => {
    // Another process may already have migrated the file.
    const reached = Number(onlyValue(database, 'PRAGMA user_version'));
    for (const { sql } of migrations.slice(reached, wanted)) database.exec(sql);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${wanted}`);
  });
}

/** Runs `write` in one transaction, which is committed completely or rolled back. */
export function inTransaction<Value>(database: DatabaseSync, write: () => Value): Value {
  database.exec('BEGIN IMMEDIATE');
  try {
    const value = write();
    database.exec('COMMIT');
    return value;
  } catch (cause) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}

/** "Plim" in ASCII: distinguishes history files from other SQLite files (sqlite.org/pragma.html#pragma_application_id). */
export const applicationId = 0x50_6c_69_6d;

/** The PRAGMA user_version of a file is the number of migrations applied. */
export const migrations: readonly { what: string; sql: string }[] = [
  {
    what: 'entries, which are added and never changed',
    sql: `
      CREATE TABLE entry (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        cluster TEXT,
        domain TEXT,
        why TEXT,
        evidence TEXT,
        author TEXT NOT NULL,
        through TEXT NOT NULL,
        document TEXT NOT NULL
      ) STRICT;
      CREATE INDEX entry_by_cluster ON entry (cluster, kind, id);
      CREATE INDEX entry_by_kind ON entry (kind, id);
      CREATE INDEX entry_by_time ON entry (at_ms);
      CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
      CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
    `,
  },
  {
    what: 'old forecasts, which are the bulk, may be deleted; nothing else may',
    sql: `
      DROP TRIGGER entry_is_kept;
      CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry WHEN OLD.kind <> 'forecast'
        BEGIN SELECT RAISE(ABORT, 'entries but forecasts are never deleted'); END;
    `,
  },
  {
    what: 'old alerts may be deleted, too: they are posted by another program, and may be many',
    sql: `
      DROP TRIGGER entry_is_kept;
      CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry WHEN OLD.kind NOT IN ('forecast', 'alert')
        BEGIN SELECT RAISE(ABORT, 'entries but forecasts and alerts are never deleted'); END;
    `,
  },
  {
    what: 'which of several services runs the scheduled jobs; each take-over begins a term',
    sql: `
      CREATE TABLE leadership (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        term INTEGER NOT NULL,
        holder TEXT NOT NULL
      ) STRICT;
      INSERT INTO leadership VALUES (1, 0, '');
    `,
  },
];
