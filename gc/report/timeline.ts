// Collects pauses, stops and heap over time for the charts, thinned to screen resolution.

import { getOrMake } from '../../core/get-or-make.ts';
import type { GcEvent, Moment } from '../log/gc-event.ts';
import { ThinnedSeries, type Point } from './thinned-series.ts';

const mostPoints = 2000;
/** Further types share one series. */
const mostTypes = 8;

export interface TimelineSeries {
  /** Whether `at` of a point is in milliseconds since the epoch, or seconds since the JVM started. */
  axis: 'clock' | 'uptime';
  pauses: { type: string; points: readonly Point[] }[];
  heapAfter: readonly Point[];
  safepoints: readonly Point[];
}

export function createTimeline() {
  const pauses = new Map<string, ThinnedSeries>();
  const heapAfter = new ThinnedSeries(mostPoints, 'larger');
  const safepoints = new ThinnedSeries(mostPoints, 'larger');
  let axis: TimelineSeries['axis'] | undefined;

  /** The first stamp selects the axis, because one axis cannot have both. */
  function placeOf({ epochMs, uptimeSeconds }: Moment): number | undefined {
    axis ??= epochMs !== undefined ? 'clock' : uptimeSeconds !== undefined ? 'uptime' : undefined;
    return axis === 'clock' ? epochMs : uptimeSeconds;
  }

  function seriesOf(type: string): ThinnedSeries {
    const name = pauses.has(type) || pauses.size < mostTypes ? type : 'other';
    return getOrMake(pauses, name, () => new ThinnedSeries(mostPoints, 'larger'));
  }

  return {
    event(event: GcEvent): void {
      if (event.kind !== 'pause' && event.kind !== 'concurrent' && event.kind !== 'stop') return;
      const at = placeOf(event.start);
      if (at === undefined) return;
      if (event.kind === 'stop') return safepoints.add(at, event.totalSeconds);
      if (event.kind === 'pause') seriesOf(event.type).add(at, event.durationSeconds);
      if (event.heap !== undefined) heapAfter.add(at, event.heap.afterBytes);
    },
    get series(): TimelineSeries {
      return {
        axis: axis ?? 'uptime',
        pauses: [...pauses].map(([type, series]) => ({ type, points: series.points })),
        heapAfter: heapAfter.points,
        safepoints: safepoints.points,
      };
    },
  };
}
