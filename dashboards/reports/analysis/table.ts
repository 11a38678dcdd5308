// Formats the tables of an analysis, without columns that have no known value.

import { tableLines, type Column } from '../../../core/text/table.ts';

/** @param rows undefined for unknown values */
export function renderTable(columns: readonly Column[], rows: readonly (readonly (string | undefined)[])[]): string[] {
  const isKnown = (_: unknown, index: number) => rows.length === 0 || rows.some((row) => row[index] !== undefined);
  return tableLines(
    columns.filter(isKnown),
    rows.map((row) => row.filter(isKnown).map((cell) => cell ?? 'unknown')),
  );
}

/** @returns a bar of ten cells: full blocks for the used share, and a mark at the limit */
export function bar(share: number, limit: number): string {
  const filled = Math.max(0, Math.min(10, Math.round(share * 10)));
  const mark = Math.min(9, Math.max(0, Math.round(limit * 10) - 1));
  return Array.from({ length: 10 }, (_, place) => (place < filled ? '█' : place === mark ? '│' : '·')).join('');
}
