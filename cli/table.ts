// How does a table look to people? Columns by their widest cell, numbers to the right, headings dim on a terminal.

export interface Column {
  heading: string;
  /** Figures stand at the right. */
  isFigure?: boolean;
}

/** @param rows cells as text; an empty one is shown as a dash, since unknown is not zero */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly (string | undefined)[])[],
  { colours = false }: { colours?: boolean } = {},
): string {
  const shown = rows.map((row) => columns.map((_, index) => plain(row[index] ?? '') || '-'));
  const widths = columns.map(({ heading }, index) =>
    shown.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), heading.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.isFigure === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const head = line(columns.map(({ heading }) => heading));
  return [colours ? `\u001b[2m${head}\u001b[0m` : head, ...shown.map(line)].map((each) => `${each}\n`).join('');
}

/** Names and values come from clients: control characters in them may not reach the terminal. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
