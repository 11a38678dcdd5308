// Uses the alternate screen of a terminal, and restores it.

import type { Output } from '../../app/caller.ts';
import { plain } from '../../core/text/table.ts';

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';
const home = '\u001b[H';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';
/** For a terminal that reports no size, or 0. */
const [usualColumns, usualRows] = [80, 24];

interface Screen extends Disposable {
  /** @param frame returns the lines for a terminal of this size; called again when the size changes */
  show(frame: (size: { columns: number; rows: number }) => string): void;
}

/** Without a terminal, frames follow one another. Close it with `using`. */
export function openScreen(output: Output): Screen {
  if (!output.isTerminal) {
    return {
      show: (frame) => output.write(`${frame({ columns: output.columns, rows: Infinity })}\n`),
      [Symbol.dispose]: () => undefined,
    };
  }
  let last: Parameters<Screen['show']>[0] | undefined;
  function draw(): void {
    if (last === undefined) return;
    const [columns, rows] = [output.columns || usualColumns, output.rows || usualRows];
    const lines = last({ columns, rows }).split('\n').slice(0, rows);
    // The last line has no line end, which would scroll the first line out.
    output.write(home + lines.map((line) => cut(line, columns) + eraseLine).join('\r\n') + eraseBelow);
  }
  output.write(enter);
  const resizing = output.onResize?.(draw);
  return {
    show(frame) {
      last = frame;
      draw();
    },
    [Symbol.dispose]() {
      resizing?.[Symbol.dispose]();
      output.write(leave);
    },
  };
}

/** Truncates a line that would wrap and shift the lines below; colour codes have no width. */
function cut(line: string, columns: number): string {
  let room = columns;
  // A colour code, text, or a control character to be removed.
  return line.replace(/\p{Cc}\[\d+m|\P{Cc}+|\p{Cc}/gu, (part) => {
    if (part.startsWith('\u001b[')) return part;
    const shown = plain(part).slice(0, room);
    room -= shown.length;
    return shown;
  });
}
