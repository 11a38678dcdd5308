// Stores the history in an append-only SQLite table.

import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SQLInputValue } from 'node:sqlite';
import type { Clock } from '../../core/clock.ts';
import {
  type Author,
  type HistoryEntry,
  type HistoryEntryKind,
  loginChanges,
  type NewHistoryEntry,
} from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { deleteAlerts, deleteForecasts, forecastShare, thinnableForecasts } from './forecast-thinning.ts';
import { historyFault } from './history-fault.ts';
import { ForecastRefused, type History, type HistoryQuery } from './history.ts';
import { inTransaction, type Journal, onlyValue, openDatabase } from './open-database.ts';
import { type Terms, termsIn } from './terms.ts';

export interface SqliteHistory extends History {
  /** All entries at the start, oldest first; other writes can continue while the iteration is paused between two pages. */
  all(): Iterable<HistoryEntry>;
  /** Appends all entries in one transaction. @throws AppError as `append` */
  appendAll(entries: readonly NewHistoryEntry[], by: Author): HistoryEntry[];
  /** Which of the services that share the file is the leader. Not available for a history opened for reading. */
  terms(): Terms;
}

/**
 * Page size: verdicts with curves and findings have some megabytes. An open statement would prevent clearing the
 * write-ahead log.
 */
const atOnce = 50;

/** Bytes that an entry needs besides its data pages: pages of indexes and of the journal. */
const besideEntryBytes = 64 * 1024;

/**
 * @param access `read` for commands that only read
 * @throws AppError ledger-damaged, ledger-newer-schema, ledger-in-use, ledger-full, ledger-unwritable, not-found
 */
export function openHistory(
  file: string,
  { clock, access = 'write', journal }: { clock: Clock; access?: 'read' | 'write'; journal?: Journal },
): SqliteHistory {
  const database = openDatabase(file, access, journal);
  function attempt<Value>(what: string, act: () => Value): Value {
    try {
      return act();
    } catch (cause) {
      throw historyFault(`cannot ${what} history file ${file}`, cause);
    }
  }
  const reading = <Value>(read: () => Value): Value => attempt('read', read);

  const insert = 'INSERT INTO entry (at_ms, kind, cluster, domain, why, evidence, author, through, document)';
  const statements = reading(() => ({
    append: database.prepare(`${insert} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    one: database.prepare('SELECT * FROM entry WHERE id = ?'),
    newest: database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'entry'"),
    counts: database.prepare('SELECT kind, count(*) AS entries FROM entry GROUP BY kind'),
    after: database.prepare('SELECT * FROM entry WHERE id > ? AND id <= ? ORDER BY id LIMIT ?'),
  }));

  let quotaBytes: number | undefined;
  const pragma = (name: string) => Number(onlyValue(database, `PRAGMA ${name}`));
  const pageBytes = reading(() => pragma('page_size'));
  const usedBytes = () => reading(() => (pragma('page_count') - pragma('freelist_count')) * pageBytes);

  function refuseOverQuota({ kind }: NewHistoryEntry): void {
    if (quotaBytes === undefined || kind !== 'forecast' || usedBytes() < quotaBytes * forecastShare) return;
    throw new ForecastRefused(
      'ledger-full',
      `the history ${file} has used ${percentText(forecastShare)} of its quota: forecasts are not recorded`,
      {
        hint: 'increase service.retention.quota; verdicts, tests and changes are still recorded',
        messageZh: `历史记录 ${file} 已使用配额的 ${percentText(forecastShare)}：不再记录预测`,
      },
    );
  }

  const revision = () => reading(() => Number(statements.newest.get()?.['seq'] ?? 0));

  function testWrite(bytes: number): void {
    const needed = bytes + besideEntryBytes;
    const { bavail, bsize } = statfsSync(dirname(file));
    // Checked explicitly, because the write adds no page and would succeed on a disk without room for an entry.
    if (needed > Math.min(bavail * bsize, (quotaBytes ?? Infinity) - usedBytes())) {
      throw new AppError('ledger-full', `history file ${file} has no room for ${needed} bytes`);
    }
    database.exec('UPDATE leadership SET holder = holder');
  }

  function select(query: HistoryQuery): HistoryEntry[] {
    const { conditions, values } = conditionsOf(query);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const statement = database.prepare(`SELECT * FROM entry ${where} ORDER BY id DESC LIMIT ?`);
    return statement.all(...values, Math.min(500, Math.max(1, Math.trunc(query.limit)))).map(readRow);
  }

  function append(entry: NewHistoryEntry, by: Author): HistoryEntry {
    refuseOverQuota(entry);
    const atMs = clock.now().getTime();
    return attempt('write to', () => {
      const { lastInsertRowid } = statements.append.run(...valuesOf(entry, by, atMs));
      return { ...entry, id: Number(lastInsertRowid), at: new Date(atMs).toISOString(), by };
    });
  }

  return {
    append,
    appendAll: (entries, by) =>
      attempt('write to', () => inTransaction(database, () => entries.map((entry) => append(entry, by)))),
    testWrite: (bytes) => attempt('write to', () => testWrite(bytes)),
    entries: (query) => reading(() => select(query)),
    entry: (id) =>
      reading(() => {
        const row = Number.isSafeInteger(id) ? statements.one.get(id) : undefined;
        return row === undefined ? undefined : readRow(row);
      }),
    latest: <Kind extends HistoryEntryKind>(cluster: string, kinds: readonly Kind[]) =>
      reading(() => select({ cluster, kinds, limit: 1 })[0] as Extract<HistoryEntry, { kind: Kind }> | undefined),
    revision,
    *all() {
      const last = revision();
      for (let seen = 0; seen < last;) {
        const rows = reading(() => statements.after.all(seen, last, atOnce));
        if (rows.length === 0) return;
        for (const row of rows) yield readRow(row);
        seen = Number(rows.at(-1)?.['id']);
      }
    },
    usage: () => ({
      usedBytes: usedBytes(),
      entries: reading(
        () => new Map(statements.counts.all().map((row) => [String(row['kind']), Number(row['entries'])])),
      ),
      ...(quotaBytes !== undefined && { quotaBytes }),
    }),
    limitBytes(quota) {
      quotaBytes = quota;
      reading(() => database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(quota / pageBytes))}`));
    },
    thinnable: (kept) => reading(() => thinnableForecasts(database, kept)),
    deleteForecasts: (ids) => attempt('delete forecasts from', () => deleteForecasts(database, ids)),
    deleteAlerts: (beforeMs) => attempt('delete alerts from', () => deleteAlerts(database, beforeMs)),
    terms: () => termsIn(database, (act) => attempt('use', act)),
    [Symbol.dispose]: () => database.close(),
  };
}

const readRow = (row: unknown) => entryOf(row as EntryRow);

/** Same rule as in core/documents/safe-tps.ts. */
const limitKind = `iif(
  json_extract(document, '$.safeMaxTps.kind') = 'at-least' AND json_type(document, '$.safeMaxTps.ceiling') IS NOT NULL,
  'limit-cause-unknown',
  json_extract(document, '$.safeMaxTps.kind')
)`;

/** Returns placeholders for a SQL list; NULL for an empty list, which matches nothing. */
const listOf = (values: readonly unknown[]) => `(${values.map(() => '?').join(', ') || 'NULL'})`;

function conditionsOf(query: HistoryQuery) {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...added: readonly (string | number | undefined)[]) => {
    if (added.some((value) => value === undefined)) return;
    conditions.push(condition);
    values.push(...(added as SQLInputValue[]));
  };
  const addAny = (subject: string, wanted: readonly (string | number)[] | undefined) => {
    if (wanted !== undefined) add(`${subject} IN ${listOf(wanted)}`, ...wanted);
  };
  add('cluster = ?', query.cluster);
  addAny('cluster', query.clusters);
  add('domain = ?', query.domain);
  add("kind = 'change' AND json_extract(document, '$.what') = ?", query.change);
  addAny("kind = 'change' AND json_extract(document, '$.entry')", query.about);
  if (query.hidesLogins === true) {
    const hidden = listOf(loginChanges);
    add(`NOT (kind = 'change' AND json_extract(document, '$.what') IN ${hidden})`, ...loginChanges);
  }
  add('at_ms >= ?', query.sinceMs);
  add('at_ms < ?', query.untilMs);
  add('id < ?', query.beforeId);
  add('id > ?', query.afterId);
  addAny('kind', query.kinds);
  addAny(`kind IN ('verdict', 'test') AND ${limitKind}`, query.safeMaxKinds);
  return { conditions, values };
}

interface EntryRow {
  id: number;
  at_ms: number;
  kind: string;
  cluster: string | null;
  domain: string | null;
  why: string | null;
  evidence: string | null;
  author: string;
  through: string;
  document: string;
}

/** @returns values of all columns except the id, in the order of the table */
function valuesOf(entry: NewHistoryEntry, by: Author, atMs: number): (string | number | null)[] {
  const { kind, cluster = null, domain = null, why = null, evidence = null, document } = entry;
  return [atMs, kind, cluster, domain, why, evidence, by.name, by.through, JSON.stringify(document)];
}

/** @throws AppError ledger-damaged */
function entryOf(row: EntryRow): HistoryEntry {
  const { id, at_ms, kind, cluster, domain, why, evidence, author, through } = row;
  let document: unknown;
  try {
    document = JSON.parse(row.document);
  } catch (cause) {
    throw new AppError('ledger-damaged', `entry ${id} of the history is not JSON`, { cause });
  }
  // Safe cast: only `append` writes rows, from entries of this type.
  return {
    id,
    at: new Date(at_ms).toISOString(),
    by: { name: author, through },
    kind,
    ...(cluster !== null && { cluster }),
    ...(domain !== null && { domain }),
    ...(why !== null && { why }),
    ...(evidence !== null && { evidence }),
    document,
  } as HistoryEntry;
}
