// Formats tables and wrapped text for a terminal: columns fit their widest cell, numbers are right-aligned.

import { styleText } from 'node:util';

export interface Column {
  heading: string;
  /** Figures are right-aligned. */
  isFigure?: boolean;
}

/** @param headings those of figure columns start with `>` */
export function columnsOf(headings: readonly string[]): Column[] {
  return headings.map((heading) => ({ heading: heading.replace(/^>/, ''), isFigure: heading.startsWith('>') }));
}

/** A longer name has a separate line: in the column it would push the figures of every row beyond the terminal. */
const widestName = 64;

/** @param rows cells as text; an unknown or empty cell is a dash, since unknown is not zero */
export function tableLines(columns: readonly Column[], rows: readonly (readonly (string | undefined)[])[]): string[] {
  const shown = rows.map((row) => columns.map((_, index) => plain(row[index] ?? '') || '-'));
  const isInColumn = (cell: string, index: number) =>
    index > 0 || columns.length === 1 || columnsWide(cell) <= widestName;
  const widths = columns.map(({ heading }, index) =>
    shown.reduce((widest, { [index]: cell = '' }) => {
      return isInColumn(cell, index) ? Math.max(widest, columnsWide(cell)) : widest;
    }, columnsWide(heading)),
  );
  const padded = (cell: string, index: number) => {
    const spaces = ' '.repeat(Math.max(0, (widths[index] ?? 0) - columnsWide(cell)));
    return columns[index]?.isFigure === true ? spaces + cell : cell + spaces;
  };
  const line = (cells: readonly string[]) => cells.map(padded).join('  ').trimEnd();
  return [
    line(columns.map(({ heading }) => heading)),
    ...shown.map(([name = '', ...cells]) =>
      isInColumn(name, 0) ? line([name, ...cells]) : `${name}\n${line(['', ...cells])}`,
    ),
  ];
}

/** Characters of East Asian Width W and F (Unicode Annex 11), which occupy two terminal columns. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]/g;

export const columnsWide = (text: string): number => text.length + (text.match(wide)?.length ?? 0);

/** @returns the table with dim headings on a terminal, each line ended */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | undefined)[])[],
  { colours = false }: { colours?: boolean } = {},
): string {
  const [head = '', ...lines] = tableLines(columns, rows);
  return [paintWith(colours)('dim', head), ...lines].map((each) => `${each}\n`).join('');
}

/** By heading, as in `columnsOf`: the text of the cells below it. */
export type CellsOf<Row> = Readonly<Record<string, (row: Row) => string | undefined>>;

/** @returns the table with a line per row */
export function tableOf<Row>(rows: readonly Row[], cells: CellsOf<Row>, how?: { colours?: boolean }): string {
  const texts = Object.values(cells);
  return renderTable(
    columnsOf(Object.keys(cells)),
    rows.map((row) => texts.map((textOf) => textOf(row))),
    how,
  );
}

/** Wraps text at `width`, with `indent` spaces before every line but the first. */
export function wrap(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  let line = '';
  let isStart = true;
  for (const word of text.split(' ')) {
    if (!isStart && line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line += isStart ? word : ` ${word}`;
    isStart = false;
  }
  return [...lines, line];
}

/** Replaces control characters and overrides of the text direction: names from clients must not control the terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '·');
}

/** As `plain`, but keeps line breaks. */
export function plainLines(text: string): string {
  return text.split('\n').map(plain).join('\n');
}

export type Style = Extract<Parameters<typeof styleText>[0], string>;

/** Styles a text; without colours it returns the text. */
export type Paint = (style: Style | readonly Style[], text: string) => string;

/** Widest report for a terminal of any width. */
export const reportWidth = 100;

export function paintWith(colours: boolean): Paint {
  return (style, text) =>
    colours ? styleText(typeof style === 'string' ? style : [...style], text, { validateStream: false }) : text;
}
