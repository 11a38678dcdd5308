// Computes figures of GC logs per JVM and in total, from events as they are parsed.

import type { GcEvent, Moment } from '../log/gc-event.ts';
import { createTimeline } from './timeline.ts';
import { FiguresFold } from './figures-fold.ts';
import { isMomentWithin, isWithin, placeOf, stampsAt, type TimeWindow } from './time-window.ts';

/** A log with more JVMs is damaged; the totals include all of them. */
const mostRuns = 500;

export type GcFigures = ReturnType<typeof createGcFigures>;

export function createGcFigures(window: TimeWindow = {}) {
  const total = new FiguresFold();
  const timeline = createTimeline();
  const runs: FiguresFold[] = [];
  let run: FiguresFold | undefined;
  const hasWindow = window.from !== undefined || window.to !== undefined;
  /** Last moment of the current JVM before the window, and how far its log has continued since. */
  let earlier: Moment | undefined;
  let reached: 'window' | 'end' | undefined;

  function current(): FiguresFold {
    if (run === undefined) {
      run = new FiguresFold();
      run.log = total.log;
      if (runs.length < mostRuns) runs.push(run);
    }
    return run;
  }

  function cover(moment: Moment): void {
    current().covered.see(moment);
    total.covered.see(moment);
  }

  function beginRun(): void {
    run = undefined;
    earlier = undefined;
    reached = undefined;
  }

  /** A log with stamps on both sides of a bound covers the time up to it: a JVM may run long without a collection. */
  function reach(moment: Moment): void {
    const { from, to } = window;
    if (reached === undefined && from !== undefined && placeOf(moment, from) < 0) {
      earlier = moment;
      return;
    }
    const isPast = to !== undefined && placeOf(moment, to) >= 0;
    if (reached === undefined && (isMomentWithin(moment, window) || (isPast && earlier !== undefined))) {
      if (from !== undefined && earlier !== undefined) cover(stampsAt(from, earlier));
      reached = 'window';
    }
    if (isPast && reached === 'window') {
      cover(stampsAt(to, moment));
      reached = 'end';
    }
  }

  return {
    runs: runs as readonly FiguresFold[],
    total,
    timeline,
    /** The following events belong to this log. */
    beginLog(name: string): void {
      total.log = name;
    },
    event(event: GcEvent): void {
      if (event.kind === 'run-start') {
        const at = isMomentWithin(event.at, window) ? event.at : {};
        beginRun();
        current().event({ ...event, at });
        total.event({ ...event, at });
        if (hasWindow) reach(event.at);
        return;
      }
      if (hasWindow && 'start' in event) reach(event.start);
      if (!isWithin(event, window)) return;
      current().event(event);
      total.event(event);
      timeline.event(event);
    },
    unparsed(line: string): void {
      current().unparsed.add(line);
      total.unparsed.add(line);
    },
    /** Ends a log at its latest stamp; the next log begins with another JVM. */
    endLog(last: Moment | undefined): void {
      if (last !== undefined && (!hasWindow || isMomentWithin(last, window))) cover(last);
      if (last !== undefined && hasWindow) reach(last);
      beginRun();
    },
  };
}
