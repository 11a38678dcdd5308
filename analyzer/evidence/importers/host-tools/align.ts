// Places readings of host tools on the clock of a run: printed times need a zone, readings without a time need a start.

import { AppError } from '../../../../core/errors.ts';
import { wallClock } from '../../../../core/local-moment.ts';
import type { ImportedLine } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { leftOut, type PrintedTime, type ToolReading } from './host-tool.ts';
import { addDays, type LocalDate } from './printed-time.ts';

interface RunClock {
  startedAtMs: number;
  /** Planned duration: readings far beyond it do not belong to the run. */
  plannedSeconds: number;
  /** Attempts after the first, in time order. */
  resumed?: readonly Attempt[];
}

export interface Attempt {
  /** Second of the run at which it began. */
  from: number;
  /** Wall-clock time of second 0 for this attempt. */
  startedAtMs: number;
}

export interface ClockOptions {
  /** Time zone of the host whose tool printed local time: `Asia/Shanghai`, `+08:00`. */
  timezone?: string | undefined;
  /** Start time of the tool, if it printed no time. */
  startMs?: number | undefined;
  /** Time between two readings, if the tool prints none. */
  intervalSeconds?: number | undefined;
  /** Delay of that host's clock, added to every time. */
  offsetSeconds: number;
  /** Hint for an error if no reading overlaps the run. */
  otherTimeHint?: string | undefined;
}

export type TimedLine = Exclude<ImportedLine, { kind: 'import' }>;

/** First and last wall-clock time of the lines, ms since the epoch. */
interface Times {
  firstMs: number;
  lastMs: number;
}

/** Tolerated overrun of the plan, whose readings are kept. */
const overrunSeconds = 600;

/**
 * @returns `left`: number of readings that could not be placed, by reason
 * @throws AppError usage if an option is missing, readings-unreadable if no reading overlaps the run
 */
export function alignReadings(readings: readonly ToolReading[], run: RunClock, options: ClockOptions) {
  const { left, leave } = leftOut();
  const ends = endsOf(readings, run, options);
  const lines: TimedLine[] = [];
  const times: Times = { firstMs: Number.POSITIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  for (const [index, { host, jvm, intervalSeconds }] of readings.entries()) {
    const end = ends[index] as number;
    const before = ends[index - 1] ?? end - ((ends[index + 1] ?? Number.NaN) - end);
    const seconds = intervalSeconds ?? options.intervalSeconds ?? (end - before) / 1000;
    if (!Number.isFinite(seconds)) throw needs('--interval', 'the length of a single reading is unknown');
    if (!(seconds > 0)) {
      leave('readings at which the clock did not go forward');
      continue;
    }
    const time = end + options.offsetSeconds * 1000;
    const elapsedSeconds = secondOfRun(time, seconds, run);
    if (elapsedSeconds === undefined) {
      leave('readings from between two attempts of the run');
      continue;
    }
    const interval = { elapsedSeconds, intervalSeconds: seconds };
    const placed = (line: TimedLine) => {
      lines.push(line);
      times.firstMs = Math.min(times.firstMs, time);
      times.lastMs = Math.max(times.lastMs, time);
    };
    if (host && Object.keys(host).length > 0) placed({ kind: 'host-rates', ...interval, rates: host });
    if (jvm) placed({ kind: 'jvm-rates', ...interval, rates: jvm });
  }
  const isDuring = ({ elapsedSeconds }: TimedLine) =>
    elapsedSeconds > 0 && elapsedSeconds < run.plannedSeconds + overrunSeconds;
  if (!lines.some(isDuring)) throw refuseOtherTime(times, run, options);
  return { lines, ...times, left };
}

/** @returns undefined for a reading that is not completely within one attempt: the run has no seconds between attempts */
function secondOfRun(time: number, seconds: number, { startedAtMs, resumed = [] }: RunClock): number | undefined {
  const attempts = [{ from: Number.NEGATIVE_INFINITY, startedAtMs }, ...resumed];
  const index = attempts.findLastIndex((attempt) => attempt.startedAtMs + attempt.from * 1000 <= time);
  const attempt = attempts[index] as Attempt;
  const elapsedSeconds = (time - attempt.startedAtMs) / 1000;
  const until = attempts[index + 1]?.from ?? Number.POSITIVE_INFINITY;
  return elapsedSeconds - seconds >= attempt.from && elapsedSeconds <= until ? elapsedSeconds : undefined;
}

/** Without a printed date, chooses the day that brings the readings nearest to the run: midnight may be between the two starts. */
function endsOf(readings: readonly ToolReading[], run: RunClock, options: ClockOptions): number[] {
  const ends = endsFrom(0, readings, run, options);
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined || !readings.some(({ at }) => isDateless(at))) return ends;
  const startMs = run.startedAtMs - options.offsetSeconds * 1000;
  const endMs = startMs + run.plannedSeconds * 1000;
  const gap = (day: number) => Math.max(0, first + day * dayMs - endMs, startMs - last - day * dayMs);
  const nearestDay = [0, -1, 1].reduce((best, day) => (gap(day) < gap(best) ? day : best));
  return nearestDay === 0 ? ends : endsFrom(nearestDay, readings, run, options);
}

const isDateless = (at: PrintedTime) => at.kind === 'local' && at.dates.length === 0;

/** @param day of the first reading without a date, relative to the day of the run */
function endsFrom(day: number, readings: readonly ToolReading[], run: RunClock, options: ClockOptions): number[] {
  const ends: number[] = [];
  let days = day;
  for (const { at, intervalSeconds } of readings) {
    if (at.kind === 'instant') {
      ends.push(at.epochMs);
    } else if (at.kind === 'local') {
      if (options.timezone === undefined) {
        throw needs('--timezone', 'the tool printed the time of day of its machine without a zone');
      }
      const zone = options.timezone;
      const dateOf = () =>
        isDateless(at) ? addDays(dateIn(zone, run.startedAtMs), days) : nearest(at.dates, run.startedAtMs);
      let end = epochIn(zone, dateOf(), at.secondOfDay);
      const last = ends.at(-1);
      // Without a date, midnight appears as a clock that goes back by most of a day.
      if (isDateless(at) && last !== undefined && last - end > dayMs / 2) {
        days += 1;
        end = epochIn(zone, dateOf(), at.secondOfDay);
      }
      ends.push(end);
    } else {
      const seconds = intervalSeconds ?? options.intervalSeconds;
      if (options.startMs === undefined) throw needs('--start', 'the tool printed no time');
      if (seconds === undefined) throw needs('--interval', 'the tool printed no time');
      const last = ends.at(-1);
      if (last === undefined && at.isPrintedAtStart) ends.push(options.startMs);
      else ends.push((last ?? options.startMs) + seconds * 1000);
    }
  }
  return ends;
}

const dayMs = 86_400_000;

const midnight = ({ year, month, day }: LocalDate) => Date.UTC(year, month - 1, day);

/** Returns the candidate of an ambiguous date that is nearest to the run. */
function nearest(dates: readonly LocalDate[], runMs: number): LocalDate {
  return dates.reduce((best, date) =>
    Math.abs(midnight(date) - runMs) < Math.abs(midnight(best) - runMs) ? date : best,
  );
}

function dateIn(zone: string, epochMs: number): LocalDate {
  const local = new Date(epochMs + offsetMs(zone, epochMs));
  return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() };
}

function epochIn(zone: string, date: LocalDate, secondOfDay: number): number {
  return epochOfWall(zone, midnight(date) + secondOfDay * 1000);
}

/** @param wallMs wall clock time, interpreted as UTC. @throws AppError usage for an unknown time zone */
export function epochOfWall(zone: string, wallMs: number): number {
  // The second lookup handles a zone that changed its offset between the two times.
  return wallMs - offsetMs(zone, wallMs - offsetMs(zone, wallMs));
}

/** @throws AppError usage for an unknown time zone */
function offsetMs(zone: string, epochMs: number): number {
  try {
    const wholeSecond = Math.floor(epochMs / 1000) * 1000;
    return wallClock(wholeSecond, zone) - wholeSecond;
  } catch (cause) {
    throw new AppError('usage', `--timezone: ${JSON.stringify(zone)} is not a time zone`, {
      cause,
      hint: 'write it like Asia/Shanghai, UTC or +08:00',
    });
  }
}

function needs(option: string, why: string): AppError {
  return new AppError('usage', `${option} is needed: ${why}`, {
    hint: 'docs/how-to/import-readings.md shows it for each tool',
  });
}

function refuseOtherTime(
  { firstMs, lastMs }: Times,
  { startedAtMs, plannedSeconds }: RunClock,
  { otherTimeHint }: ClockOptions,
): AppError {
  const text = (ms: number) => new Date(ms).toISOString();
  const readings =
    firstMs > lastMs ? 'no reading could be placed' : `the readings are from ${text(firstMs)} to ${text(lastMs)}`;
  return new AppError(
    'readings-unreadable',
    `none of it is of the time of the run: ${readings}, the run from ${text(startedAtMs)} to ${text(startedAtMs + plannedSeconds * 1000)}`,
    { hint: otherTimeHint ?? 'check --timezone, --start and --clock-offset, or give the file of the right day' },
  );
}
