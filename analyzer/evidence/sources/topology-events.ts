// Detects broker restarts, brokers that come and go, and moved partitions.

import { ofFigure, type FigureSeries } from './figure-series.ts';
import type { FigureName } from './figures.ts';
import type { TopologyEvent } from './source-telemetry.ts';

/** A clock that is set moves the time a machine booted: node_exporter reckons it from uptime. */
const startJitterSeconds = 5;

interface Change {
  before: number;
  after: number;
  /** Seconds since the start of the window. */
  at: number;
}

export function topologyEventsOf(all: readonly FigureSeries[], startedAtSeconds: number): TopologyEvent[] {
  const eventsOf = (
    figure: FigureName,
    tolerance: number,
    eventOf: (change: Change, series: FigureSeries) => TopologyEvent,
  ) => ofFigure(all, figure).flatMap((series) => changesOf(series, tolerance).map((change) => eventOf(change, series)));
  const startOf = ({ after, at }: Change, { gridSeconds }: FigureSeries) =>
    within(after - startedAtSeconds, at, gridSeconds);
  const events: TopologyEvent[] = [
    ...eventsOf('startTimeSeconds', startJitterSeconds, (change, series) => {
      return { elapsedSeconds: startOf(change, series), kind: 'broker-restarted', broker: series.target };
    }),
    ...eventsOf('bootTimeSeconds', startJitterSeconds, (change, series) => {
      return { elapsedSeconds: startOf(change, series), kind: 'host-restarted', host: series.target };
    }),
    ...resetsOf(all),
    ...eventsOf('brokerCount', 0, ({ at, before, after }) => {
      return { elapsedSeconds: at, kind: 'broker-count', before, after };
    }),
    ...eventsOf('leaders', 0, ({ at, before, after }, { target }) => {
      return { elapsedSeconds: at, kind: 'leaders-moved', broker: target, before, after };
    }),
  ];
  return events.toSorted((a, b) => a.elapsedSeconds - b.elapsedSeconds);
}

/** The process exports its start time; it is seen later, when its figures are back. A start before the window does not count. */
function within(started: number, seenAt: number, gridSeconds: number): number {
  return started > 0 && started <= seenAt + gridSeconds ? started : seenAt;
}

/** Across gaps, too: a value that differs after a gap has changed within it. */
function changesOf({ values, firstEnd, gridSeconds }: FigureSeries, tolerance: number): Change[] {
  const changes: Change[] = [];
  let before: number | undefined;
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (before !== undefined && Math.abs(value - before) > tolerance) {
      changes.push({ before, after: value, at: firstEnd + index * gridSeconds });
    }
    before = value;
  }
  return changes;
}

/** A counter that fell back to zero indicates a restart if the start time is unknown; a window reaches into the next interval. */
function resetsOf(all: readonly FigureSeries[]): TopologyEvent[] {
  const dated = new Set(ofFigure(all, 'startTimeSeconds').map(({ target }) => target));
  return ofFigure(all, 'restarts').flatMap(({ target, values, firstEnd, gridSeconds }) => {
    if (dated.has(target)) return [];
    return [...values.entries()].flatMap(([index, value]): TopologyEvent[] => {
      const isNew = value > 0 && !((values[index - 1] ?? 0) > 0);
      return isNew
        ? [{ elapsedSeconds: firstEnd + index * gridSeconds, kind: 'broker-restarted', broker: target }]
        : [];
    });
  });
}
