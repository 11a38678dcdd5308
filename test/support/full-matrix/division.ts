// Divides the test files into parts of about equal duration.

export interface Part {
  /** Number of the part, from 1. */
  index: number;
  of: number;
}

/** Seconds by test file. A file that no longer exists keeps its entry, so that other files keep their parts. */
export type Durations = Readonly<Record<string, number>>;

/** The files of a started part. */
export interface Assigned {
  /** Such as 3/8. */
  part: string;
  files: readonly string[];
}

export const titleOf = ({ index, of }: Part) => `${index}/${of}`;

/** @param title such as `3/8` @throws RangeError for any other format */
export function parsePart(title: string): Part {
  const [, index = NaN, of = NaN] = (/^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(title) ?? []).map(Number);
  if (!(index <= of)) throw new RangeError(`--part ${title}: write it as INDEX/COUNT, such as 3/8`);
  return { index, of };
}

/**
 * Assigns the longest file first, each to the part with the least time so far. Files without a recorded duration follow, with the
 * median of their folder.
 * @returns one list per part; each file is in exactly one, whatever the order of `files`
 */
export function divide(files: readonly string[], durations: Durations, parts: number): string[][] {
  const loads = Array.from({ length: parts }, () => 0);
  const partOf = new Map<string, number>();
  const add = (file: string, seconds: number) => {
    const lightest = loads.indexOf(Math.min(...loads));
    loads[lightest] = (loads[lightest] ?? 0) + seconds;
    partOf.set(file, lightest);
  };
  const recorded = Object.entries(durations).toSorted(([a, x], [b, y]) => y - x || byName(a, b));
  for (const [file, seconds] of recorded) add(file, seconds);
  const unrecorded = files.filter((file) => !partOf.has(file)).toSorted(byName);
  for (const file of unrecorded) add(file, typicalSeconds(file, recorded));
  const ordered = files.toSorted(byName);
  return loads.map((_, part) => ordered.filter((file) => partOf.get(file) === part));
}

/**
 * A part that has started keeps its files, so that a test file added later neither drops out of a set nor runs in two parts.
 * The other files are divided among the parts that have not started; if all have, a part that runs again includes them.
 * @param begun parts of this division, of any count
 */
export function assign(
  part: Part,
  files: readonly string[],
  durations: Durations,
  begun: readonly Assigned[],
): string[] {
  const filesOf = new Map(
    begun
      .map((each) => [parsePart(each.part), each.files] as const)
      .flatMap(([{ index, of }, own]) => (of === part.of ? [[index, own]] : [])),
  );
  const taken = new Set([...filesOf.values()].flat());
  const free = files.filter((file) => !taken.has(file));
  const open = Array.from({ length: part.of }, (_, index) => index + 1).filter((index) => !filesOf.has(index));
  const place = open.indexOf(part.index);
  const freeSeconds = Object.fromEntries(Object.entries(durations).filter(([file]) => !taken.has(file)));
  if (place >= 0) return divide(free, freeSeconds, open.length)[place] ?? [];
  const own = files.filter((file) => filesOf.get(part.index)?.includes(file));
  return (open.length > 0 ? own : [...own, ...free]).toSorted(byName);
}

/** Median of the recorded files of the same folder under test/, else a second. */
function typicalSeconds(file: string, recorded: readonly (readonly [string, number])[]): number {
  const folder = file.split('/', 2).join('/');
  const seconds = recorded.filter(([each]) => each.startsWith(`${folder}/`)).map(([, duration]) => duration);
  return seconds[Math.floor(seconds.length / 2)] ?? 1;
}

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
