// How do rows stand below each other? Columns as wide as their widest cell, numbers to the right.

/** What stands where a figure is not known. */
const unknownCell = 'unknown';

export interface Column {
  title: string;
  align?: 'left' | 'right';
}

/** A column in which no row knows anything is left out. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const known = columns.map((_, index) => rows.length === 0 || rows.some((row) => row[index] !== unknownCell));
  const widths = columns.map(({ title }, index) =>
    Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .filter((_, index) => known[index])
      .join('  ')
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}

/** @returns a bar of ten places, full blocks for what is used and a mark at the limit */
export function bar(share: number, limit: number): string {
  const filled = Math.max(0, Math.min(10, Math.round(share * 10)));
  const mark = Math.min(9, Math.max(0, Math.round(limit * 10) - 1));
  return Array.from({ length: 10 }, (_, place) => (place < filled ? '█' : place === mark ? '│' : '·')).join('');
}

/** Breaks words at `width`, with `indent` spaces before every line but the first. */
export function wrap(words: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of words.split(' ')) {
    const room = width - (lines.length === 0 ? 0 : indent);
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((each, index) => (index === 0 ? each : ' '.repeat(indent) + each));
}
