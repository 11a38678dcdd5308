// Grades forecasts after their horizon, in one job per cluster, against the actual load.

import { setImmediate } from 'node:timers/promises';
import type { Reading } from '../../analyzer/forecast/history.ts';
import { readWholeHistory } from '../../analyzer/forecast/history-prometheus.ts';
import { gradeForecastEnd } from '../../analyzer/production/grading/grade-forecast.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/clock.ts';
import type { HistoryReader } from '../history/history.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { isForecastable } from '../schedule/jobs.ts';
import type { Job } from '../schedule/schedule.ts';
import type { WatchedCourse } from './watched-course.ts';
import { defined } from '../../core/defined.ts';

const every = seconds(3600);
const day = 86_400_000;
/** Maximum horizon of `plimsoll forecast`: 92 days. */
const longestMs = 92 * day;
/** How long to retry a source that does not respond. */
const patienceMs = 7 * day;
/** Scrapes of the last minutes may not have arrived yet. */
const settleMs = 10 * 60_000;
/** More forecasts than are graded for a cluster in that week. */
const looksBack = 500;

type ForecastEntry = Extract<HistoryEntry, { kind: 'forecast' }>;

interface ForecastEndParts extends Pick<ServiceParts, 'history' | 'author' | 'clock'> {
  clusters: ReadonlyMap<string, ServedCluster>;
  /** Recorded courses of clusters without history in a monitoring system. */
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
        // Scans again from the start after the clock was set back.
        const fromMs = scannedMs !== undefined && scannedMs <= nowMs ? scannedMs : nowMs - longestMs - patienceMs;
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
 * Yields the forecast valid at the start of each UTC day, newest first. Forecasts made every hour are similar, so
 * grading each would count one prediction many times.
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
      // Includes the same entry again, because it may have been valid for several days.
      ...(beforeId !== undefined && { beforeId: beforeId + 1 }),
    });
    if (entry?.kind !== 'forecast') return;
    if (entry.id !== beforeId) yield entry;
    beforeId = entry.id;
    // Lets pages and scrapes run between days, because a fleet may have months of forecasts.
    await setImmediate();
  }
}

const endOf = ({ document }: ForecastEntry) => Date.parse(document.horizonEndsAt);
const beginOf = ({ document }: ForecastEntry) => Date.parse(document.points[0]?.at ?? document.horizonEndsAt);

function isGraded(history: HistoryReader, forecast: ForecastEntry): boolean {
  const { cluster } = forecast;
  const sinceMs = endOf(forecast);
  const grades = history.entries(defined({ cluster, kinds: ['grade'] as const, sinceMs, limit: looksBack }));
  return grades.some(
    ({ kind, document }) => kind === 'grade' && document.event === 'forecast-end' && document.of === forecast.id,
  );
}

const watchedOf = (course: Pick<WatchedCourse, 'readings'> | undefined): Reading[] =>
  (course?.readings ?? []).flatMap(({ atMs, produceTps }) =>
    produceTps === undefined ? [] : [{ timeMs: atMs, value: produceTps }],
  );
