// Draws a progress bar of one terminal line.

import type { Output } from '../app/caller.ts';

/** A narrower terminal needs its columns for figures. */
const leastColumns = 60;
const narrow = { columns: 110, width: 10 };
const width = 20;

const marks = { unicode: { done: '█', open: '░' }, plain: { done: '#', open: '-' } };

/** @returns undefined if the terminal is too narrow */
export function progressBar(share: number, columns: number, { isPlain }: { isPlain: boolean }): string | undefined {
  if (columns < leastColumns) return undefined;
  const cells = columns < narrow.columns ? narrow.width : width;
  const done = Math.max(0, Math.min(cells, Math.floor(share * cells)));
  const { done: full, open } = isPlain ? marks.plain : marks.unicode;
  return `[${full.repeat(done)}${open.repeat(cells - done)}]`;
}

/** Shows progress: one rewritten line on a terminal, separate lines elsewhere. */
export function progressLine(output: Output): { show(line: string): void; clear(): void } {
  const clear = '\r\u001b[K';
  return {
    show: (line) => output.write(output.isTerminal ? `${clear}${line.slice(0, output.columns - 1)}` : `${line}\n`),
    clear: () => output.write(output.isTerminal ? clear : ''),
  };
}
