// Places each load on one clock: by printed times, otherwise by stated times, otherwise one after the other.

import { AppError } from '../../../../core/errors.ts';
import { epochOfWall } from '../host-tools/align.ts';
import type { ImportedLoad } from '../load-tests/load-test-importer.ts';
import type { FileSource } from './recognised-file.ts';

/** A value for all files, or for one. */
export interface PerFile {
  all?: number;
  byFile: ReadonlyMap<string, number>;
}

export const ofFile = ({ all, byFile }: PerFile, file: string): number | undefined => byFile.get(file) ?? all;

export interface LoadOfFile {
  source: FileSource;
  load: ImportedLoad;
}

export interface PlacedLoad extends LoadOfFile {
  startMs: number;
  endMs: number;
  /** Its time is unknown, so it is placed after the previous one. */
  isGuessed: boolean;
  /** The previous load is the previous test in its file. */
  isNext?: boolean;
}

export interface JoinedClock {
  /** `wall`: in one unnamed time zone; `order`: only durations are known. */
  kind: 'epoch' | 'wall' | 'order';
  loads: readonly PlacedLoad[];
}

export interface StatedClocks {
  /** Milliseconds since the epoch, for files without timestamps. */
  starts: PerFile;
  /** Delay of a file's clock in seconds. */
  clockOffsets: PerFile;
  timezone?: string | undefined;
}

interface ClockOptions extends StatedClocks {
  /** Times in other files of the run, as text. */
  othersKnow: string | undefined;
}

/** Gap between loads with unknown times, so that their windows do not touch. */
export const gapMs = 10_000;

/** Largest gap between tests of one staircase; a larger one means a wrong zone or another day. */
const widestGapMs = 6 * 3600_000;

/** @throws AppError usage if a zone or a start is missing, load-test-unreadable if times of the files are too far apart */
export function placeLoads(all: readonly LoadOfFile[], options: ClockOptions): JoinedClock {
  const kind = kindOf(all, options);
  const loads: PlacedLoad[] = [];
  let next = kind === 'order' ? 0 : options.starts.all;
  /** A stated start applies to the first test in a file; the others follow it. */
  const nextOfFile = new Map<string, number>();
  for (const each of all) {
    const { begins } = each.load;
    const { name } = each.source;
    const follows = begins.kind === 'unknown' ? nextOfFile.get(name) : undefined;
    const startsAt =
      begins.kind === 'unknown'
        ? (follows ?? options.starts.byFile.get(name))
        : begins.kind === 'instant'
          ? begins.epochMs
          : epochOfWall(options.timezone ?? 'UTC', begins.wallMs);
    const length = lengthOf(each.load) * 1000;
    const offset = (ofFile(options.clockOffsets, name) ?? 0) * 1000;
    if (startsAt !== undefined) {
      const endMs = startsAt + offset + length;
      const isNext = follows !== undefined;
      loads.push({ ...each, startMs: startsAt + offset, endMs, isGuessed: isNext, isNext });
      if (begins.kind === 'unknown') nextOfFile.set(name, startsAt + length + gapMs);
      continue;
    }
    if (next === undefined) {
      throw new AppError('usage', `--start is needed: ${name} has no time stamps, and other files of the run have`, {
        hint: `state when its tool was started (OpenMessaging: start of the measured time, the line 'Starting benchmark traffic'): --start ${name}=2026-01-01T12:00:00+08:00`,
      });
    }
    // A reader ran while others wrote.
    const isReader = each.load.produced.length === 0;
    const start = isReader ? (kind === 'order' ? 0 : (options.starts.all ?? next)) : next;
    loads.push({ ...each, startMs: start + offset, endMs: start + offset + length, isGuessed: true });
    if (!isReader) next = start + length + gapMs;
  }
  requireOneTime(loads);
  return { kind, loads };
}

function kindOf(all: readonly LoadOfFile[], { starts, timezone, othersKnow }: ClockOptions): JoinedClock['kind'] {
  const begins = all.map(({ load }) => load.begins.kind);
  const hasInstant = begins.includes('instant') || starts.all !== undefined || starts.byFile.size > 0;
  const local = all.find(({ load }) => load.begins.kind === 'local');
  if (local === undefined) return hasInstant || othersKnow !== undefined ? 'epoch' : 'order';
  if (timezone !== undefined) return 'epoch';
  if (!hasInstant) return 'wall';
  throw new AppError(
    'usage',
    `--timezone is needed: ${local.source.name} has local times without a zone, and the other files have UTC times`,
    { hint: 'write --timezone Asia/Shanghai or --timezone +08:00' },
  );
}

export function lengthOf({ produced, consumed }: ImportedLoad): number {
  return [...produced, ...[...consumed.values()].flat()].reduce((longest, { to }) => Math.max(longest, to), 0);
}

function requireOneTime(loads: readonly PlacedLoad[]): void {
  const writers = loads.filter(({ load }) => load.produced.length > 0).toSorted((a, b) => a.startMs - b.startMs);
  for (const [index, writer] of writers.entries()) {
    const before = writers[index - 1];
    if (before && writer.startMs - before.endMs > widestGapMs) throw refuseApart(before, writer);
  }
  if (writers.length === 0) return;
  for (const reader of loads.filter(({ load }) => load.produced.length === 0)) {
    const meets = writers.some(({ startMs, endMs }) => reader.startMs < endMs && reader.endMs > startMs);
    if (!meets) throw refuseApart(writers[0] as PlacedLoad, reader);
  }
}

function refuseApart(one: PlacedLoad, other: PlacedLoad): AppError {
  const span = ({ startMs, endMs }: PlacedLoad) =>
    `${new Date(startMs).toISOString()} to ${new Date(endMs).toISOString()}`;
  return new AppError(
    'load-test-unreadable',
    `${one.source.name} and ${other.source.name} are not of one time: the first is from ${span(one)}, the second from ${span(other)}`,
    {
      hint: `if a clock was wrong, state by how much it was behind: --clock-offset ${other.source.name}=+8h; else analyze them separately`,
    },
  );
}
