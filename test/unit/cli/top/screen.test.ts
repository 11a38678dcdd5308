import { expect, test } from 'vitest';
import type { Output } from '../../../../app/caller.ts';
import { openScreen } from '../../../../cli/commands/top.ts';

function terminal(columns: number, rows: number) {
  const written: string[] = [];
  const size = { columns, rows };
  let redraw: (() => void) | undefined;
  const output: Output = {
    write: (text) => void written.push(text),
    isTerminal: true,
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    onResize(callback) {
      redraw = callback;
      return { [Symbol.dispose]: () => (redraw = undefined) };
    },
  };
  return { output, written, size, resize: () => redraw?.(), isWatched: () => redraw !== undefined };
}

test('restores the main screen and the cursor, whatever happens', () => {
  const { output, written, isWatched } = terminal(20, 5);
  expect(() => {
    using screen = openScreen(output);
    screen.show(() => 'one');
    throw new Error('interrupted');
  }).toThrow('interrupted');
  expect(written[0]).toBe('\u001b[?1049h\u001b[?25l');
  expect(written.at(-1)).toBe('\u001b[?25h\u001b[?1049l');
  expect(isWatched()).toBe(false);
});

test('a frame is cut to the terminal size without counting colours, and follows resizes', () => {
  const { output, written, size, resize } = terminal(6, 2);
  using screen = openScreen(output);
  screen.show(({ columns, rows }) => `\u001b[1mbold\u001b[0m text\n${columns}x${rows}\nthird`);
  expect(written.at(-1)).toBe('\u001b[H\u001b[1mbold\u001b[0m t\u001b[K\r\n6x2\u001b[K\u001b[J');
  size.rows = 3;
  resize();
  expect(written.at(-1)).toContain('6x3\u001b[K\r\nthird');
});

test('a terminal that reports a size of 0 is drawn with the usual size', () => {
  const { output, written } = terminal(0, 0);
  using screen = openScreen(output);
  screen.show(({ columns, rows }) => `${columns}x${rows}`);
  expect(written.at(-1)).toContain('80x24');
});

test('without a terminal, frames follow one another as plain text', () => {
  let text = '';
  const screen = openScreen({ write: (part) => void (text += part), isTerminal: false, columns: 100 });
  screen.show(() => 'one\n');
  screen.show(({ rows }) => `${rows} rows\n`);
  screen[Symbol.dispose]();
  expect(text).toBe('one\n\nInfinity rows\n\n');
});

test('control sequences in a name are shown and not executed', () => {
  const { output, written } = terminal(40, 2);
  using screen = openScreen(output);
  screen.show(() => 'group \u001b[2J\u001b]0;title\u0007');
  expect(written.at(-1)).toBe('\u001b[Hgroup ·[2J·]0;title·\u001b[K\u001b[J');
});
