// Grades predictions: one job per cluster records a grade after an event.

import type { Occurrence } from '../../analyzer/production/grading/course.ts';
import { gradeForecastDay } from '../../analyzer/production/grading/grade-forecast.ts';
import { gradeVerdict } from '../../analyzer/production/grading/grade-verdict.ts';
import { occurrencesOf } from '../../analyzer/production/grading/occurrences.ts';
import type { Grade } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/units.ts';
import type { Leadership } from '../leadership/leadership.ts';
import type { ServiceParts } from '../parts.ts';
import type { Job } from '../schedule/schedule.ts';
import { isWhole } from '../status/verdict-in-force.ts';
import { keptMs, WatchedCourse, type WatchedCluster } from './watched-course.ts';

/** As often as clusters are read by themselves: a broker that restarts is away for less than a minute. */
const every = seconds(15);
const day = 86_400_000;
/** Of a cluster, to see what was graded already: more grades than a day and a half has occurrences worth one. */
const looksBack = 500;
/** Readings of a course are a minute apart. */
const slackMs = 60_000;

interface GradingParts extends Pick<ServiceParts, 'history' | 'author'> {
  clusters: ReadonlyMap<string, WatchedCluster>;
  /** Seconds of GC pauses of each JVM of a cluster; absent where no GC log is followed. */
  stoppedSecondsOf?(cluster: string): ReadonlyMap<string, number> | undefined;
  /** By cluster; earlier ones continue, and new ones are added. */
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
      // Each watches, so that the next leader has seen what it grades.
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
        // Not by its start, which moves while the course loses the first readings of a storm of more than a day.
        (document.endedAt === grade.endedAt || (id <= inheritedUpTo && isSameEvent(document, grade))),
    );
  return [...verdictGrades(cluster, occurrences, history), ...forecastGrades(cluster, readings, today, history)].filter(
    ({ grade }) => isNew(grade),
  );
}

/**
 * Once the course loses the first readings of a day, another peak is the highest that is left; a storm begins later. Both
 * are graded before that.
 */
function isHeldWhole({ event, startedAtMs, endedAtMs }: Occurrence, lastMs: number): boolean {
  const toMs = event === 'natural-peak' ? (Math.floor(startedAtMs / day) + 1) * day : endedAtMs;
  return lastMs - toMs <= keptMs - day;
}

/** Another instance reads at other seconds, and of a day with two equal peaks it may have graded the other one. */
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

/** One after the other, since each may take megabytes; tests with a broker down are few. */
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
