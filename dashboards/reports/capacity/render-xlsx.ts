// Renders a report as a spreadsheet with numeric cells and no formulas.

import writeWorkbook, { type Cell as WorkbookCell } from 'write-excel-file/node';
import type { Cell, Column, Kind, Sheet } from './sheets/sheet.ts';
import { shownLines } from './shown.ts';
import { setZipTimes } from './zip-times.ts';

/** `@` is the text format: a cell that begins with = or + stays text, even when it is edited. */
const formats: Readonly<Record<Kind, string>> = {
  text: '@',
  rate: '#,##0',
  ratio: '0.0%',
  count: '0',
  seconds: '0.0000',
  figure: '#,##0.##',
  day: 'yyyy-mm-dd',
  moment: 'yyyy-mm-dd hh:mm',
};

/** Longest text of a cell (ECMA-376). */
const longestText = 32_767;

/** @returns a reproducible file */
export async function renderXlsx(sheets: readonly Sheet[]): Promise<Buffer> {
  const workbook = writeWorkbook(
    sheets.map(({ name, columns, rows }) => ({
      sheet: name,
      data: [
        columns.map(({ title }) => ({ ...textCell(title), fontWeight: 'bold' as const, wrap: true })),
        ...rows.map((cells) => columns.map((column, index) => workbookCell(cells[index], column))),
      ],
      columns: columns.map(({ width }) => ({ width })),
      orientation: 'landscape' as const,
      stickyRowsCount: 1,
      stickyColumnsCount: 1,
    })),
  );
  return setZipTimes(await workbook.toBuffer());
}

function workbookCell(cell: Cell, { kind }: Column): WorkbookCell {
  const format = formats[kind];
  switch (kind) {
    case 'text':
      return cell === undefined || cell === '' ? { type: String, format } : { ...textCell(String(cell)), wrap: true };
    case 'day':
    case 'moment':
      return { type: Date, format, ...(typeof cell === 'string' && { value: new Date(cell) }) };
    default:
      return { type: Number, format, ...(typeof cell === 'number' && { value: cell }) };
  }
}

const textCell = (value: string) => ({
  type: String,
  value: shownLines(value).join('\n').slice(0, longestText),
  format: formats.text,
  alignVertical: 'top' as const,
});
