// Detects broker restarts, added and removed brokers, and moved partitions.

import { ofFigure, type FigureSeries } from './figure-series.ts';
import type { FigureName } from './figures.ts';
import type { TopologyEvent } from './telemetry.ts';

/** Setting the clock changes the boot time of a host, which node_exporter computes from uptime. */
const startJitterSeconds = 5;
/** Prometheus repeats the last value of an ended process for this long. */
const lookbackSeconds = 300;

interface Change {
  before: number;
  after: number;
  /** Seconds since the start of the window: last report of the old value; `at`: first report of the new value. */
  lastBefore: number;
  at: number;
}

export function topologyEventsOf(all: readonly FigureSeries[], startedAtSeconds: number): TopologyEvent[] {
  const eventsOf = (
    figure: FigureName,
    tolerance: number,
    eventOf: (change: Change, series: FigureSeries) => TopologyEvent,
  ) => ofFigure(all, figure).flatMap((series) => changesOf(series, tolerance).map((change) => eventOf(change, series)));
  const startOf = (change: Change, { gridSeconds }: FigureSeries) =>
    within(change.after - startedAtSeconds, change, gridSeconds);
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

/**
 * The process exports its start time, but its figures return later. A start before the window does not count, nor does
 * one while the old value was still reported: then a running process took over the name, as a new leader of RocketMQ
 * does.
 */
function within(started: number, { lastBefore, at }: Change, gridSeconds: number): number {
  const earliest = Math.max(0, lastBefore - Math.max(gridSeconds, lookbackSeconds));
  // The end of an interval is also the start of the next one.
  return started > earliest && started <= at + gridSeconds ? started : at - gridSeconds / 2;
}

/** Also across gaps: a value that differs after a gap changed within it. */
function changesOf({ values, firstEnd, gridSeconds }: FigureSeries, tolerance: number): Change[] {
  const changes: Change[] = [];
  let last: { value: number; at: number } | undefined;
  for (const [index, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    const at = firstEnd + index * gridSeconds;
    if (last !== undefined && Math.abs(value - last.value) > tolerance) {
      changes.push({ before: last.value, after: value, lastBefore: last.at, at });
    }
    last = { value, at };
  }
  return changes;
}

/** A counter reset indicates a restart if the start time is unknown; a window extends into the next interval. */
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
