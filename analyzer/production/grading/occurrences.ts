// Finds unplanned events: the peak of each past day, brokers that were down, and GC storms.

import type { Course, CourseReading, Occurrence } from './course.ts';

const minute = 60_000;
const day = 1440 * minute;

/** Least duration of a peak: a single high minute is often a late reading. */
const peakLasts = 5 * minute;
/** Readings are one minute apart; two failed ones are a gap. */
const longestGap = 2.5 * minute;
/** After a longer absence a broker has left, rather than restarted. */
const longestRestart = 30 * minute;
/** Share of a minute in GC pauses above which most requests are delayed. */
const stormShare = 0.1;
/** Lag growth, in seconds of production, above which consumers do not keep up. */
const lagGrows = 60;

/** @param course by time; events that may continue are not reported yet */
export function occurrencesOf(course: Course): Occurrence[] {
  const storms = gcStorms(course);
  return [...dailyPeaks(course), ...restarts(course)]
    .map((each) => withStorms(each, storms))
    .concat(storms)
    .toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}

function dailyPeaks(course: Course): Occurrence[] {
  const last = course.at(-1);
  if (last === undefined) return [];
  const days = Map.groupBy(course, ({ atMs }) => Math.floor(atMs / day));
  return [...days].flatMap(([number, readings]) => {
    if (number === Math.floor(last.atMs / day)) return [];
    const held = readings.flatMap((_, index) => heldFrom(readings, index) ?? []);
    return held.toSorted((a, b) => b.tps - a.tps).slice(0, 1);
  });
}

/** Readings of one peak, if none is missing. */
function heldFrom(readings: Course, from: number): Occurrence | undefined {
  const first = readings[from] as CourseReading;
  let sum = 0;
  let seen = 0;
  for (let at = from + 1; at < readings.length; at++) {
    const [before, reading] = [readings[at - 1] as CourseReading, readings[at] as CourseReading];
    if (reading.atMs - before.atMs > longestGap || reading.produceTps === undefined) return undefined;
    sum += reading.produceTps * (reading.atMs - before.atMs);
    seen = reading.atMs - first.atMs;
    if (seen < peakLasts) continue;
    const tps = sum / seen;
    const strains = lagStrains(first, reading, tps);
    return { event: 'natural-peak', startedAtMs: first.atMs, endedAtMs: reading.atMs, tps, strains };
  }
  return undefined;
}

function lagStrains(first: CourseReading, last: CourseReading, tps: number): string[] {
  if (first.lag === undefined || last.lag === undefined) return [];
  return last.lag - first.lag > lagGrows * tps ? ['consumer-lag'] : [];
}

function restarts(course: Course): Occurrence[] {
  const read = course.filter(({ brokers }) => brokers !== undefined);
  const ids = new Set(read.flatMap(({ brokers }) => [...(brokers as ReadonlySet<string>)]));
  return [...ids].flatMap((id) => {
    const found: Occurrence[] = [];
    let left: CourseReading[] = [];
    let wasThere = false;
    for (const reading of read) {
      if (!reading.brokers?.has(id)) {
        if (wasThere) left.push(reading);
        continue;
      }
      const [first, last] = [left[0], left.at(-1)];
      if (first !== undefined && last !== undefined && reading.atMs - first.atMs <= longestRestart) {
        // The first reading without the broker covers both states, and so does the first one with it again.
        const rates = [...left.slice(1), reading].flatMap(({ produceTps }) => produceTps ?? []);
        if (rates.length > 0) {
          const tps = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
          const strains = lagStrains(first, last, tps);
          found.push({
            event: 'broker-restart',
            startedAtMs: first.atMs,
            endedAtMs: reading.atMs,
            tps,
            strains,
            lost: id,
          });
        }
      }
      left = [];
      wasThere = true;
    }
    return found;
  });
}

function gcStorms(course: Course): Occurrence[] {
  const found: Occurrence[] = [];
  let on: CourseReading[] = [];
  for (const [index, reading] of course.entries()) {
    const before = course[index - 1];
    if (before !== undefined && isStorm(before, reading)) {
      on.push(reading);
      continue;
    }
    const [first, last] = [on[0], on.at(-1)];
    const rates = on.flatMap(({ produceTps }) => produceTps ?? []);
    if (first !== undefined && last !== undefined && rates.length > 0) {
      const tps = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      found.push({ event: 'gc-storm', startedAtMs: first.atMs, endedAtMs: last.atMs, tps, strains: ['gc-pause'] });
    }
    on = [];
  }
  return found;
}

function isStorm(before: CourseReading, now: CourseReading): boolean {
  const seconds = (now.atMs - before.atMs) / 1000;
  if (!(seconds > 0) || seconds * 1000 > longestGap) return false;
  return [...(now.stoppedSeconds ?? [])].some(([process, stopped]) => {
    const was = before.stoppedSeconds?.get(process);
    return was !== undefined && stopped - was > stormShare * seconds;
  });
}

function withStorms(occurrence: Occurrence, storms: readonly Occurrence[]): Occurrence {
  const overlaps = storms.some(
    (storm) => storm.startedAtMs <= occurrence.endedAtMs && storm.endedAtMs >= occurrence.startedAtMs,
  );
  return overlaps ? { ...occurrence, strains: [...occurrence.strains, 'gc-pause'] } : occurrence;
}
