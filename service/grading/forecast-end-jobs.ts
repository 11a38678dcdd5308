// Grades forecasts after their horizon: one job per cluster compares them with the actual load.

import { setImmediate } from 'node:timers/promises';
import type { Reading } from '../../analyzer/forecast/history.ts';
import { readWholeHistory } from '../../analyzer/forecast/history-prometheus.ts';
import { gradeForecastEnd } from '../../analyzer/production/grading/grade-forecast.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/units.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { isForecastable } from '../schedule/jobs.ts';
import type { Job } from '../schedule/schedule.ts';
import type { WatchedCourse } from './watched-course.ts';

const every = seconds(3600);
const day = 86_400_000;
/** `plimsoll forecast` looks 92 days ahead at most. */
const longestMs = 92 * day;
/** For so long a source that was away is asked again. */
const patienceMs = 7 * day;
/** Scrapes of the last minutes may be under way. */
const settleMs = 10 * 60_000;
/** More than a cluster is graded in that week. */
const looksBack = 500;

type ForecastEntry = Extract<HistoryEntry, { kind: 'forecast' }>;

interface ForecastEndParts extends Pick<ServiceParts, 'history' | 'author' | 'clock'> {
  clusters: ReadonlyMap<string, ServedCluster>;
  /** What was watched of clusters that no monitoring system knows. */
  courses: ReadonlyMap<string, Pick<WatchedCourse, 'readings'>>;
}

export function createForecastEndJobs(parts: ForecastEndParts): Job[] {
  const { clusters, courses, history, author, clock } = parts;
  return [...clusters.values()].map((served): Job => {
    const cluster = served.name;
    const waiting = new Map<number, ForecastEntry>();
    let scannedMs: number | undefined;
    return {
      name: 'forecast-grading',
      cluster,
      every,
      isLight: true,
      async run({ signal }) {
        const nowMs = clock.now().getTime();
        const fromMs = scannedMs ?? nowMs - longestMs - patienceMs;
        for await (const entry of stoodAtMidnight(history, cluster, { fromMs, toMs: nowMs }))
          waiting.set(entry.id, entry);
        scannedMs = nowMs;
        for (const entry of waiting.values()) {
          if (endOf(entry) <= nowMs - patienceMs || isGraded(history, entry)) waiting.delete(entry.id);
        }
        const due = [...waiting.values()].filter((entry) => endOf(entry) + settleMs <= nowMs);
        if (due.length === 0) return undefined;
        const sinceMs = Math.min(...due.map(beginOf));
        const readings = isForecastable(served)
          ? await readWholeHistory(
              served.source.config,
              { expression: served.source.load, lastSeconds: (nowMs - sinceMs) / 1000 },
              { signal, clock },
            )
          : watchedOf(courses.get(cluster));
        let graded = 0;
        for (const entry of due) {
          const grade = gradeForecastEnd(entry, readings);
          if (grade === undefined) continue;
          history.append({ kind: 'grade', cluster, why: 'the forecast period is over', document: grade }, author);
          waiting.delete(entry.id);
          graded++;
        }
        return graded === 0 ? undefined : `${graded} forecasts graded at their end`;
      },
    };
  });
}

/**
 * Of each day the forecast that stood when it began, UTC, newest first: those made each hour are much alike, and would be one grade many
 * times.
 */
async function* stoodAtMidnight(
  history: HistoryReader,
  cluster: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncIterable<ForecastEntry> {
  let beforeId: number | undefined;
  for (let midnight = Math.floor(toMs / day) * day; midnight > fromMs; midnight -= day) {
    const [entry] = history.entries({
      cluster,
      kinds: ['forecast'],
      untilMs: midnight,
      limit: 1,
      // It may have been valid for several days.
      ...(beforeId !== undefined && { beforeId: beforeId + 1 }),
    });
    if (entry?.kind !== 'forecast') return;
    if (entry.id !== beforeId) yield entry;
    beforeId = entry.id;
    // Of a fleet with months of forecasts: pages and scrapes in between.
    await setImmediate();
  }
}

const endOf = ({ document }: ForecastEntry) => Date.parse(document.horizonEndsAt);
const beginOf = ({ document }: ForecastEntry) => Date.parse(document.points[0]?.at ?? document.horizonEndsAt);

function isGraded(history: HistoryReader, forecast: ForecastEntry): boolean {
  const { cluster } = forecast;
  const sinceMs = endOf(forecast);
  const grades = history.entries({
    ...(cluster !== undefined && { cluster }),
    kinds: ['grade'],
    sinceMs,
    limit: looksBack,
  });
  return grades.some(
    ({ kind, document }) => kind === 'grade' && document.event === 'forecast-end' && document.of === forecast.id,
  );
}

const watchedOf = (course: Pick<WatchedCourse, 'readings'> | undefined): Reading[] =>
  (course?.readings ?? []).flatMap(({ atMs, produceTps }) =>
    produceTps === undefined ? [] : [{ timeMs: atMs, value: produceTps }],
  );
