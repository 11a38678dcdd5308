// Lists the migrations of the history's schema; released ones never change.

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
