// Computes figures of GC logs per JVM and in total; events are added as they are parsed.

import type { GcEvent, Moment } from '../log/gc-event.ts';
import { createTimeline, type Timeline } from './timeline.ts';
import { FiguresFold } from './figures-fold.ts';
import { isMomentWithin, isWithin, type TimeWindow } from './time-window.ts';

/** A log of more JVMs than that is torn; all of them are in the sums. */
const mostRuns = 500;

export interface GcFigures {
  readonly runs: readonly FiguresFold[];
  readonly total: FiguresFold;
  readonly timeline: Timeline;
  /** What follows is of this log. */
  beginLog(name: string): void;
  event(event: GcEvent): void;
  unparsed(line: string): void;
  /** One log has ended, at its latest stamp; the next one begins with another JVM. */
  endLog(last: Moment | undefined): void;
}

export function createGcFigures(window: TimeWindow = {}): GcFigures {
  const total = new FiguresFold();
  const timeline = createTimeline();
  const runs: FiguresFold[] = [];
  let run: FiguresFold | undefined;
  const hasWindow = window.from !== undefined || window.to !== undefined;

  function current(): FiguresFold {
    if (run === undefined) {
      run = new FiguresFold();
      run.log = total.log;
      if (runs.length < mostRuns) runs.push(run);
    }
    return run;
  }

  return {
    runs,
    total,
    timeline,
    beginLog(name) {
      total.log = name;
    },
    event(event) {
      if (event.kind === 'run-start') {
        const at = isMomentWithin(event.at, window) ? event.at : {};
        run = undefined;
        current().event({ ...event, at });
        total.event({ ...event, at });
        return;
      }
      if (!isWithin(event, window)) return;
      current().event(event);
      total.event(event);
      timeline.event(event);
    },
    unparsed(line) {
      current().unparsed.add(line);
      total.unparsed.add(line);
    },
    endLog(last) {
      if (last !== undefined && (!hasWindow || isMomentWithin(last, window))) {
        current().covered.see(last);
        total.covered.see(last);
      }
      run = undefined;
    },
  };
}
