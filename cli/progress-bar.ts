// How far has it come? A bar of a line of a terminal, and the time that is left.

/** A narrower terminal needs its columns for figures. */
const leastColumns = 60;
const narrow = { columns: 110, width: 10 };
const width = 20;

const marks = { unicode: { done: '█', open: '░' }, plain: { done: '#', open: '-' } };

/** @returns nothing where there is no room for it */
export function progressBar(share: number, columns: number, { isPlain }: { isPlain: boolean }): string | undefined {
  if (columns < leastColumns) return undefined;
  const cells = columns < narrow.columns ? narrow.width : width;
  const done = Math.max(0, Math.min(cells, Math.floor(share * cells)));
  const { done: full, open } = isPlain ? marks.plain : marks.unicode;
  return `[${full.repeat(done)}${open.repeat(cells - done)}]`;
}

/** `35 s`, `12 min 05 s`, `3 h 20 min`. */
export function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}
