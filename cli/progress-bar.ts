// Draws a progress bar of one terminal line.

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
