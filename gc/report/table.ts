// Renders tables and wraps long sentences.

/**
 * @param headings those of numeric columns begin with `>` and are right-aligned
 * @param rows an unknown cell is a dash; text of a log is shown without its control characters
 */
export function renderTable(headings: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string[] {
  const titles = headings.map((heading) => heading.replace(/^>/, ''));
  const cells = rows.map((row) => titles.map((_, index) => plain(row[index] ?? '-')));
  const widths = titles.map((title, index) =>
    cells.reduce((widest, row) => Math.max(widest, row[index]?.length ?? 0), title.length),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return headings[index]?.startsWith('>') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [titles, ...cells].map(line);
}

/** Breaks words at `width`, with `indent` spaces before every line but the first. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = text.slice(0, indent);
  for (const word of text.slice(indent).split(' ')) {
    const isStart = line.trimEnd() === line.slice(0, indent).trimEnd() && line.length <= indent;
    if (!isStart && line.length + 1 + word.length > width) {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    } else line += isStart ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** What comes from a log may not reach the terminal as a command. */
export function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, '·');
}
