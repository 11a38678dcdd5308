// Defines a sheet: typed columns and rows of raw values.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import type { Language } from '../part.ts';

/** `text` never becomes a formula, whatever its first character; `day` is written as 2026-11-11 and read as UTC. */
export type Kind = 'text' | 'rate' | 'ratio' | 'count' | 'seconds' | 'figure' | 'day' | 'moment';

export interface Column {
  title: string;
  kind: Kind;
  /** In characters. */
  width: number;
}

/** Unknown is an empty cell. */
export type Cell = string | number | undefined;

export interface Sheet {
  name: string;
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
}

export type WriteSheet = (report: CapacityReport, language: Language) => Omit<Sheet, 'name'>;

/** @param columns each with a function from a row to its cell */
export const sheetOf = <Row>(
  rows: readonly Row[],
  columns: readonly (readonly [Column, (row: Row) => Cell])[],
): Omit<Sheet, 'name'> => ({
  columns: columns.map(([column]) => column),
  rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
});

export const text = (title: string, width = 18): Column => ({ title, kind: 'text', width });
export const rate = (title: string): Column => ({ title, kind: 'rate', width: 13 });
export const ratio = (title: string): Column => ({ title, kind: 'ratio', width: 11 });
export const count = (title: string): Column => ({ title, kind: 'count', width: 10 });
export const seconds = (title: string): Column => ({ title, kind: 'seconds', width: 12 });
export const figure = (title: string): Column => ({ title, kind: 'figure', width: 14 });
export const day = (title: string): Column => ({ title, kind: 'day', width: 12 });
export const moment = (title: string): Column => ({ title, kind: 'moment', width: 17 });
