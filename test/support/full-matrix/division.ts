// Divides the test files into parts that take about the same time.

export interface Part {
  /** From 1. */
  index: number;
  of: number;
}

/** Seconds by test file. One that no longer exists keeps its place, so that the others keep theirs. */
export type Durations = Readonly<Record<string, number>>;

export const titleOf = ({ index, of }: Part) => `${index}/${of}`;

/** @param title such as `3/8` @throws RangeError for anything else */
export function parsePart(title: string): Part {
  const [, index = NaN, of = NaN] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(title) ?? []).map(Number);
  if (!(index <= of)) throw new RangeError(`--part ${title}: write it as INDEX/COUNT, such as 3/8`);
  return { index, of };
}

/**
 * The longest file goes first, each to the part with the least so far. Files without a recorded duration go last,
 * at the median of their folder, so that a new file moves no other one.
 * @returns one list per part; each file is in exactly one, whatever the order of `files`
 */
export function divide(files: readonly string[], durations: Durations, parts: number): string[][] {
  const loads = Array.from({ length: parts }, () => 0);
  const partOf = new Map<string, number>();
  const assign = (file: string, seconds: number) => {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + seconds;
    partOf.set(file, lightest);
  };
  const recorded = Object.entries(durations).toSorted(([a, x], [b, y]) => y - x || byName(a, b));
  for (const [file, seconds] of recorded) assign(file, seconds);
  const unrecorded = files.filter((file) => !partOf.has(file)).toSorted(byName);
  for (const file of unrecorded) assign(file, typicalSeconds(file, recorded));
  const ordered = files.toSorted(byName);
  return loads.map((_, part) => ordered.filter((file) => partOf.get(file) === part));
}

/** Median of the recorded files of the same folder under test/, else a second. */
function typicalSeconds(file: string, recorded: readonly (readonly [string, number])[]): number {
  const folder = file.split('/', 2).join('/');
  const seconds = recorded.filter(([each]) => each.startsWith(`${folder}/`)).map(([, duration]) => duration);
  return seconds[Math.floor(seconds.length / 2)] ?? 1;
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
