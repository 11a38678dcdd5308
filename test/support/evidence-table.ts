// Stores a table of measurements as CSV under evidence/ and shows its main columns in a section of a page.

import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { csvCells } from '../../core/text/csv-cells.ts';
import { readOrEmpty, withSection, writePage } from './evidence-page.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Column {
  name: string;
  isNumber?: true;
  /** True for columns that are only in the data file. */
  isHidden?: true;
}

export interface EvidenceTable {
  /** Page, such as docs/evidence/truth.md. */
  page: string;
  heading: string;
  /** Data file, such as evidence/truth/links.csv. */
  data: string;
  /** Markdown above the table. */
  says: string;
  columns: readonly Column[];
  /** Renders Markdown above the table from all rows. */
  sum?: (rows: readonly (readonly string[])[]) => string;
  /** Selects the rows that the page shows; absent: all rows. */
  isShown?: (row: readonly string[]) => boolean;
}

/** Replaces the row with the same first cell, or appends it. @param made where and when it was measured */
export async function keepRow(table: EvidenceTable, row: readonly string[], made: string): Promise<void> {
  const [, ...rows] = parseCsv(await readOrEmpty(join(root, table.data)));
  const at = rows.findIndex(([key]) => key === row[0]);
  await keepRows(table, at === -1 ? [...rows, row] : rows.with(at, [...row]), made);
}

export async function keepRows(
  table: EvidenceTable,
  rows: readonly (readonly string[])[],
  made: string,
): Promise<void> {
  const header = table.columns.map(({ name }) => name);
  await writePage(join(root, table.data), [header, ...rows].map(csvLine).join(''));
  const page = join(root, table.page);
  await writePage(page, withSection(await readOrEmpty(page), table.heading, sectionOf(table, rows, made)));
}

/** @returns the section without its heading */
export function sectionOf(table: EvidenceTable, rows: readonly (readonly string[])[], made: string): string {
  const { page, data, says, columns, sum, isShown = () => true } = table;
  const shown = columns.flatMap(({ isHidden }, place) => (isHidden ? [] : [place]));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const pick = (row: readonly string[]) => shown.map((place) => (row[place] ?? '').replaceAll('|', String.raw`\|`));
  const lines = rows.filter(isShown).map((row) => line(pick(row)));
  const dashes = shown.map((place) => (columns[place]?.isNumber ? '---:' : '---'));
  return [
    says,
    ...(sum === undefined ? [] : [sum(rows)]),
    `${made} All rows: [${basename(data)}](${relative(dirname(page), data)}).`,
    ...(lines.length === 0 ? [] : ['', line(pick(columns.map(({ name }) => name))), line(dashes), ...lines]),
  ].join('\n');
}

const csvLine = (cells: readonly string[]) =>
  `${cells.map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;

/** @param text text written by csvLine; cells contain no line breaks */
export const parseCsv = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => csvCells(line, ','));
