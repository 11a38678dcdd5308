// Renders a report as a spreadsheet with numeric cells and no formulas.

import type { Blob } from 'node:buffer';
import type Stream from 'node:stream';
import writeWorkbook, { type Feature } from 'write-excel-file/node';
import type { Cell, Column, Kind, Sheet } from './sheets/sheet.ts';
import { shownLines } from './shown.ts';
import { columnsWide } from '../../../core/text/table.ts';

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

const atTop = { alignVertical: 'top' as const };

const font = { fontFamily: 'Arial', fontSize: 10 };
const pointsPerLine = 13;
/** ECMA-376. */
const highestRow = 409;

/** Longest text of a cell (ECMA-376). */
const longestText = 32_767;

/** Columns on a printed page, in characters: a page of A4 has 140 at full size, and two thirds of it is readable. */
const pageWidth = 210;

/** Prints wide sheets on few pages, each with the header and the first column. */
const printed: Feature<Stream | Buffer | Blob> = {
  files: {
    transform: {
      'xl/worksheets/sheet{id}.xml': {
        transform: (xml) => xml.replace('<sheetViews>', '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews>'),
        transformElementAttributes(tag, attributes, _index, { columns = [] }) {
          if (tag !== 'pageSetup') return attributes;
          const width = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
          return { ...attributes, fitToWidth: Math.ceil(width / pageWidth), fitToHeight: 0 };
        },
      },
      'xl/workbook.xml': {
        transform(xml, sheets) {
          const names = sheets.map(
            ({ sheet = '' }, index) =>
              `<definedName name="_xlnm.Print_Titles" localSheetId="${index}">'${sheet}'!$A:$A,'${sheet}'!$1:$1</definedName>`,
          );
          return xml.replace('<definedNames/>', `<definedNames>${names.join('')}</definedNames>`);
        },
      },
    },
  },
};

/** @returns a reproducible file */
export async function renderXlsx(sheets: readonly Sheet[]): Promise<Buffer> {
  const workbook = writeWorkbook(
    sheets.map(({ name, columns, rows }) => ({
      sheet: name,
      data: [
        columns.map(({ title }) => ({
          ...textCell(title),
          fontWeight: 'bold' as const,
          wrap: true,
          height: heightOf(columns.map((column) => [column.title, column.width])),
        })),
        ...rows.map((cells) => {
          const texts = columns.map(({ kind, width }, index) => [kind === 'text' ? cells[index] : '', width] as const);
          const height = heightOf(texts);
          return columns.map((column, index) => ({ ...workbookCell(cells[index], column), height }));
        }),
      ],
      columns: columns.map(({ width }) => ({ width })),
      orientation: 'landscape' as const,
      stickyRowsCount: 1,
      stickyColumnsCount: 1,
    })),
    { ...font, features: [printed] },
  );
  return setZipTimes(await workbook.toBuffer());
}

/** In points. Programs fit no row to its wrapped text when they open a file: without a height they cut it or draw it over the next row. */
function heightOf(texts: readonly (readonly [text: Cell, width: number])[]): number {
  const lines = texts.map(([text = '', width]) =>
    shownLines(String(text)).reduce((sum, line) => sum + linesOf(line, width), 0),
  );
  return Math.min(highestRow, pointsPerLine * Math.max(1, ...lines));
}

/** Broken at words, lines are shorter than the column; letters of the bold heading are wider. */
const linesOf = (line: string, width: number) => Math.max(1, Math.ceil(columnsWide(line) / (0.85 * width)));

function workbookCell(cell: Cell, { kind }: Column) {
  const format = formats[kind];
  switch (kind) {
    case 'text':
      return cell === undefined || cell === '' ? { type: String, format } : { ...textCell(String(cell)), wrap: true };
    case 'day':
    case 'moment':
      return { type: Date, format, ...atTop, ...(typeof cell === 'string' && { value: new Date(cell) }) };
    default:
      return { type: Number, format, ...atTop, ...(typeof cell === 'number' && { value: cell }) };
  }
}

const textCell = (value: string) => ({
  type: String,
  value: shownLines(value).join('\n').slice(0, longestText),
  format: formats.text,
  ...atTop,
});

/*
 * End of central directory   signature 06054b50, at +10 uint16 entries, at +16 uint32 offset of the first entry
 * Entry                      signature 02014b50, at +12 uint16 time, +14 uint16 date, +28 +30 +32 uint16 lengths of name,
 *                            extra field and comment, +42 uint32 offset of the local header, +46 the name
 * Local header               signature 04034b50, at +10 uint16 time, +12 uint16 date
 * All little-endian (APPNOTE.TXT 6.3.10, 4.3.7, 4.3.12, 4.3.16).
 */

const endLength = 22;
/** 1980-01-01 00:00, the earliest valid time. */
const stamp = { time: 0, date: (1 << 5) | 1 };

/** @param archive changed in place; must have no archive comment */
function setZipTimes(archive: Buffer): Buffer {
  const end = archive.length - endLength;
  if (archive.readUInt32LE(end) !== 0x06054b50) throw new Error('the archive has no end of central directory');
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    archive.writeUInt16LE(stamp.time, at + 12);
    archive.writeUInt16LE(stamp.date, at + 14);
    const local = archive.readUInt32LE(at + 42);
    archive.writeUInt16LE(stamp.time, local + 10);
    archive.writeUInt16LE(stamp.date, local + 12);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return archive;
}
