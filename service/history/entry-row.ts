// Converts entries to rows of the history table and back.

import type { Author, HistoryEntry, NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { AppError } from '../../core/errors.ts';

export interface EntryRow {
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
export function valuesOf(entry: NewHistoryEntry, by: Author, atMs: number): (string | number | null)[] {
  const { kind, cluster = null, domain = null, why = null, evidence = null, document } = entry;
  return [atMs, kind, cluster, domain, why, evidence, by.name, by.through, JSON.stringify(document)];
}

/** @throws AppError ledger-damaged */
export function entryOf(row: EntryRow): HistoryEntry {
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
