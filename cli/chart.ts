// Draws the frame of a terminal chart: labels at the top and the middle, a vertical line, and the axis.

const fine = { tick: '┤', side: '│', corner: '└', floor: '─' };
const plain: typeof fine = { tick: '+', side: '|', corner: '+', floor: '-' };

/** Width of the labels on the left. */
export const labelWidth = 9;

export const chartColumns = (terminalColumns: number, most: number) =>
  Math.max(20, Math.min(most, terminalColumns - labelWidth - 3));

interface Chart {
  /** Lines of cells, top line first. */
  lines: readonly (readonly string[])[];
  /** Value at the top of the first line. */
  highest: number;
  label(value: number): string;
  isPlain: boolean;
  /** Replaces one cell of the axis. */
  mark?: { column: number; text: string };
}

/** @returns the lines and the axis below them */
export function framed({ lines, highest, label, isPlain, mark }: Chart): string[] {
  const frame = isPlain ? plain : fine;
  const rows = lines.map((cells, index) => {
    const isMarked = index % (lines.length / 2) === 0;
    const text = isMarked ? label((highest * (lines.length - index)) / lines.length) : '';
    return `${text.padStart(labelWidth)} ${isMarked ? frame.tick : frame.side}${cells.join('').trimEnd()}`;
  });
  const floor = (lines[0] ?? []).map((_, column) => (column === mark?.column ? mark.text : frame.floor)).join('');
  return [...rows, `${'0'.padStart(labelWidth)} ${frame.corner}${floor}`];
}

/** @returns the line of a value, counted from the bottom */
export const rowOf = (value: number, highest: number, rows: number) =>
  Math.min(rows - 1, Math.max(0, Math.ceil((value / highest) * rows - 1e-9) - 1));
