// Grades predictions after an event, in one job per cluster.

import type { Occurrence } from '../../analyzer/production/grading/course.ts';
import { gradeForecastDay } from '../../analyzer/production/grading/grade-forecast.ts';
import { gradeVerdict } from '../../analyzer/production/grading/grade-verdict.ts';
import { occurrencesOf } from '../../analyzer/production/grading/occurrences.ts';
import type { Grade } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/clock.ts';
import type { Leadership } from '../leadership/leadership.ts';
import type { ServiceParts } from '../parts.ts';
import type { Job } from '../schedule/schedule.ts';
import { isWhole } from '../status/verdict-in-force.ts';
import { keptMs, WatchedCourse, type WatchedCluster } from './watched-course.ts';

/** The interval of the service's own readings, because a restarting broker is away for less than a minute. */
const every = seconds(15);
const day = 86_400_000;
/** Limit of grades read to find existing ones: more than the occurrences of a day and a half. */
const looksBack = 500;
/** Readings of a course are a minute apart. */
const slackMs = 60_000;

interface GradingParts extends Pick<ServiceParts, 'history' | 'author'> {
  clusters: ReadonlyMap<string, WatchedCluster>;
  /** Seconds of GC pauses of each JVM of a cluster; absent if no GC log is followed. */
  stoppedSecondsOf?(cluster: string): ReadonlyMap<string, number> | undefined;
  /** By cluster; existing courses continue, and new ones are added. */
  courses: Map<string, WatchedCourse>;
  leadership: Leadership;
}

export function createGradingJobs(parts: GradingParts): Job[] {
  return [...parts.clusters].map(([cluster, served]): Job => {
    const course = parts.courses.get(cluster) ?? new WatchedCourse();
    parts.courses.set(cluster, course);
    return {
      name: 'grading',
      cluster,
      every,
      isLight: true,
      // Every instance watches, so that the next leader has observed the events it grades.
      isOfEachInstance: true,
      run: async () => {
        if (!course.watch(served, parts.stoppedSecondsOf?.(cluster)) || parts.leadership.term() === undefined)
          return undefined;
        const grades = newGrades(cluster, course, parts);
        for (const { grade, why } of grades) {
          parts.history.append({ kind: 'grade', cluster, why, document: grade }, parts.author);
        }
        return grades.length === 0 ? undefined : `${grades.length} predictions graded`;
      },
    };
  });
}

interface NewGrade {
  grade: Grade;
  why: string;
}

function newGrades(cluster: string, { readings }: WatchedCourse, { history, leadership }: GradingParts): NewGrade[] {
  const lastMs = readings.at(-1)?.atMs;
  if (lastMs === undefined) return [];
  const occurrences = occurrencesOf(readings).filter((occurrence) => isHeldWhole(occurrence, lastMs));
  const today = Math.floor(lastMs / day) * day;
  const sinceMs = readings[0]?.atMs ?? lastMs;
  const known = history.entries({ cluster, kinds: ['grade'], sinceMs, limit: looksBack });
  const inheritedUpTo = leadership.inheritedUpTo();
  const isNew = (grade: Grade) =>
    !known.some(
      ({ id, kind, document }) =>
        kind === 'grade' &&
        document.of === grade.of &&
        document.event === grade.event &&
        // Not compared by start, because a course that drops old readings shortens a storm of more than a day.
        (document.endedAt === grade.endedAt || (id <= inheritedUpTo && isSameEvent(document, grade))),
    );
  return [...verdictGrades(cluster, occurrences, history), ...forecastGrades(cluster, readings, today, history)].filter(
    ({ grade }) => isNew(grade),
  );
}

/**
 * Whether the course still has all readings of the event. Once it drops the first readings of a day, another peak may
 * be the highest, or a storm starts later. Both are graded before that.
 */
function isHeldWhole({ event, startedAtMs, endedAtMs }: Occurrence, lastMs: number): boolean {
  const toMs = event === 'natural-peak' ? (Math.floor(startedAtMs / day) + 1) * day : endedAtMs;
  return lastMs - toMs <= keptMs - day;
}

/**
 * Whether two grades are about one event: another instance reads at other seconds, and may have graded the other of two
 * equal peaks.
 */
function isSameEvent(one: Grade, other: Grade): boolean {
  const [startedMs, otherMs] = [Date.parse(one.startedAt), Date.parse(other.startedAt)];
  if (one.event === 'natural-peak') return Math.floor(startedMs / day) === Math.floor(otherMs / day);
  return startedMs <= Date.parse(other.endedAt) + slackMs && otherMs <= Date.parse(one.endedAt) + slackMs;
}

function verdictGrades(
  cluster: string,
  occurrences: readonly Occurrence[],
  history: GradingParts['history'],
): NewGrade[] {
  return occurrences.flatMap((occurrence) => {
    const status = wholeBefore(occurrence.startedAtMs, cluster, history);
    if (status === undefined) return [];
    const grade = gradeVerdict(status, occurrence);
    return grade === undefined ? [] : [{ grade, why: why(occurrence) }];
  });
}

/** Reads one entry at a time, because each may have megabytes; tests with a broker down are rare. */
function wholeBefore(untilMs: number, cluster: string, history: GradingParts['history']) {
  const query = { cluster, kinds: ['verdict', 'test'], untilMs, limit: 1 } as const;
  let [entry] = history.entries(query);
  while (entry !== undefined && !isWhole(entry)) [entry] = history.entries({ ...query, beforeId: entry.id });
  return entry;
}

function why({ event, strains, lost }: Occurrence): string {
  const what = lost === undefined ? event : `${event} of ${lost}`;
  return strains.length === 0 ? `${what}: no limit was exceeded` : `${what}: ${strains.join(', ')}`;
}

function forecastGrades(
  cluster: string,
  readings: WatchedCourse['readings'],
  today: number,
  history: GradingParts['history'],
): NewGrade[] {
  const yesterday = today - day;
  const [status] = history.entries({ cluster, kinds: ['forecast'], untilMs: yesterday, limit: 1 });
  if (status?.kind !== 'forecast') return [];
  const grade = gradeForecastDay(status, readings, yesterday);
  return grade === undefined ? [] : [{ grade, why: 'the hour with the highest load of the day in the forecast' }];
}
