// Records the running part of the full matrix: a line per test file when it ends, so that a killed part loses only the current one.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parsePart, type Part } from './division.ts';
import type { FileOutcome } from '../tally.ts';

const folder = 'evidence/reliability';
const durationsPath = `${folder}/durations.json`;

const Begun = z.object({
  part: z.string(),
  at: z.iso.datetime(),
  machine: z.string(),
  files: z.array(z.string()),
});

const RecordedFile = z.object({
  file: z.string(),
  project: z.string(),
  at: z.iso.datetime(),
  commit: z.string(),
  seconds: z.number(),
  passed: z.number(),
  failures: z.array(z.object({ test: z.string(), error: z.string() })),
  skips: z.array(z.object({ test: z.string(), reason: z.string() })),
});

export type RecordedFile = z.infer<typeof RecordedFile>;

export interface PartRecord extends z.infer<typeof Begun> {
  records: readonly RecordedFile[];
}

/** Errors outside every test, recorded like a file. */
export const outsideTests = 'outside every test';

export const remainingOf = ({ files, records }: PartRecord): string[] => {
  const recorded = new Set(records.map(({ file }) => file));
  return files.filter((file) => !recorded.has(file));
};

/** Returns the last record of each file: a failed file may have run again. */
export const newestOf = (records: readonly RecordedFile[]): RecordedFile[] => [
  ...new Map(records.map((record) => [record.file, record])).values(),
];

/** Returns files that failed or skipped a test in their last run. */
export const failedOf = ({ records }: PartRecord): string[] =>
  newestOf(records)
    .filter(({ file, failures, skips }) => failures.length + skips.length > 0 && file !== outsideTests)
    .map(({ file }) => file);

export const recordedFile = (
  { project, file, seconds, outcomes }: FileOutcome,
  { at, commit }: { at: Date; commit: string },
): RecordedFile => ({
  file,
  project,
  at: at.toISOString(),
  commit,
  seconds: Math.round(seconds * 10) / 10,
  passed: outcomes.filter(({ state }) => state === 'passed').length,
  failures: outcomes
    .filter(({ state }) => state === 'failed')
    .map(({ name, error }) => ({ test: name, error: error ?? 'did not end' })),
  skips: outcomes
    .filter(({ state }) => state === 'skipped')
    .map(({ name, note }) => ({ test: name, reason: note ?? 'no reason' })),
});

const pathOf = ({ index, of }: Part) => join(folder, `part-${index}-of-${of}.ndjson`);

/** Replaces the previous record of the part. @param kept records of a resumed part */
export function beginPart(part: Part, { records, ...begun }: PartRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(pathOf(part), [begun, ...records].map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** Appends a record, and returns after it is on disk. */
export function keepFile(part: Part, record: RecordedFile): void {
  appendFileSync(pathOf(part), `${JSON.stringify(record)}\n`, { flush: true });
}

export function readPart(part: Part): PartRecord | undefined {
  const text = readIfThere(pathOf(part));
  return text === undefined ? undefined : parsePartRecord(text);
}

/** A crash truncated a last line without a line end, so its file runs again. */
export function parsePartRecord(text: string): PartRecord | undefined {
  const [first, ...lines] = text.split('\n').slice(0, -1);
  if (first === undefined) return undefined;
  const records = lines.map((line) => RecordedFile.parse(JSON.parse(line)));
  return { ...Begun.parse(JSON.parse(first)), records };
}

export function readParts(): PartRecord[] {
  return listFolder()
    .flatMap((name) => /^part-(\d+)-of-(\d+)\.ndjson$/.exec(name)?.slice(1, 3).join('/') ?? [])
    .flatMap((title) => readPart(parsePart(title)) ?? []);
}

/** @returns the last started part that has not ended */
export function unfinishedPart(): Part | undefined {
  const unfinished = readParts().filter((each) => remainingOf(each).length > 0);
  const last = unfinished.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1);
  return last && parsePart(last.part);
}

/** Returns the parts of the division that ran last, begun or complete, in order. */
export function newestSet(parts: readonly PartRecord[]): PartRecord[] {
  const sets = [...Map.groupBy(parts, ({ part }) => parsePart(part).of).values()];
  const newest = sets.toSorted((a, b) => lastOf(a).localeCompare(lastOf(b))).at(-1) ?? [];
  return newest.toSorted((a, b) => parsePart(a.part).index - parsePart(b.part).index);
}

const lastOf = (set: readonly PartRecord[]) =>
  set
    .flatMap(({ at, records }) => [at, ...records.map((record) => record.at)])
    .toSorted()
    .at(-1) ?? '';

/** Durations for the division of the files, and its start time: older parts do not belong to it. */
const Division = z.object({ takenAt: z.iso.datetime(), seconds: z.record(z.string(), z.number()) });

export function readDivision(): z.infer<typeof Division> {
  const text = readIfThere(durationsPath);
  return text === undefined ? { takenAt: new Date(0).toISOString(), seconds: {} } : Division.parse(JSON.parse(text));
}

/** Uses the durations of all recorded parts. The next part starts a new division: parts started before keep no files. */
export function rebalance(files: readonly string[]): void {
  const before = readDivision().seconds;
  const recorded = readParts()
    .flatMap(({ records }) => records)
    .toSorted((a, b) => a.at.localeCompare(b.at));
  const seconds = { ...before, ...Object.fromEntries(recorded.map((record) => [record.file, record.seconds])) };
  const kept = files
    .toSorted()
    .flatMap((file) => (seconds[file] === undefined ? [] : [[file, seconds[file]] as const]));
  mkdirSync(dirname(durationsPath), { recursive: true });
  const division = { takenAt: new Date().toISOString(), seconds: Object.fromEntries(kept) };
  writeFileSync(durationsPath, `${JSON.stringify(division, undefined, 2)}\n`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function listFolder(): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
