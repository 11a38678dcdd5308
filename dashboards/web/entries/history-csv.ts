// Writes entries of the history as CSV.

import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import { limitKindOf, safeTpsOf } from '../../../core/documents/safe-tps.ts';
import { csvCell } from '../../../core/text/csv-cell.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';

const safeColumns = ['safe_max_tps', 'safe_max_kind', 'without'];
const header = ['id', 'at', 'kind', 'cluster', 'domain', 'author', 'through', ...safeColumns, 'why', 'evidence'];

/** Without it, Excel reads UTF-8 in the code page of the machine, which garbles Chinese. */
const byteOrderMark = '\uFEFF';

/** @param notice a separate last line, in the column `why` */
export function historyCsv(entries: readonly HistoryEntry[], notice?: string): string {
  const rows = entries.map(({ id, at, kind, cluster, domain, by, why, evidence, document }) => [
    String(id),
    at,
    kind,
    cluster,
    domain,
    by.name,
    by.through,
    ...safeCells(document),
    why,
    evidence,
  ]);
  const last = notice === undefined ? [] : [header.map((name) => (name === 'why' ? notice : undefined))];
  return byteOrderMark + [header, ...rows, ...last].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
}

/** Returns the rate to plan with, what kind of limit it is, and the brokers that were down. */
function safeCells(document: HistoryEntry['document']): readonly (string | undefined)[] {
  if (!('safeMaxTps' in document)) return safeColumns.map(() => undefined);
  const { safeMaxTps, degraded } = document;
  return [ifKnown(safeTpsOf(safeMaxTps), String), limitKindOf(safeMaxTps), degraded?.lost.join(' ')];
}
