// Reads how long brokers throttled a Kafka client, from the table that its performance tools print with --print-metrics.

import type { ThrottledAnswers } from '../../../../core/documents/evidence/configured-limits.ts';
import { readFigure } from './text-lines.ts';

/*
 *   producer-metrics:produce-throttle-time-avg:{client-id=producer-1}      : 3023.636
 *   producer-metrics:produce-throttle-time-max:{client-id=producer-1}      : 3267.000
 *   producer-metrics:request-rate:{client-id=producer-1}                   : 9.891
 *
 * From ToolsUtils.printMetrics and the client's Metrics of apache/kafka. Throttle times are milliseconds over all
 * responses, including those without throttling; NaN if there was no response.
 */
const wanted =
  /^\s*producer-metrics:(produce-throttle-time-avg|produce-throttle-time-max|request-rate):\{client-id=[^}]*\}\s*: (\S+)\s*$/;

/**
 * Sample length of a client's metrics (metrics.sample.window.ms); means and rates cover one to two samples
 * (metrics.num.samples).
 */
export const metricSeconds = 30;

export const isMetric = (line: string): boolean => wanted.test(line);

/** @returns the throttle time in this many seconds at the end of the test; undefined if it was not printed */
export function throttleIn(lines: readonly string[], seconds: number): ThrottledAnswers | undefined {
  const figures = new Map<string, number>();
  for (const line of lines) {
    const [, name = '', value] = wanted.exec(line) ?? [];
    const figure = readFigure(value);
    if (figure !== undefined) figures.set(name, figure);
  }
  const [average, longest, requests] = ['produce-throttle-time-avg', 'produce-throttle-time-max', 'request-rate'].map(
    (name) => figures.get(name),
  );
  if (average === undefined || longest === undefined || requests === undefined) return undefined;
  return {
    answers: average > 0 ? Math.round(requests * seconds) : 0,
    // One connection per broker: a client is never throttled for longer than the elapsed time.
    seconds: Math.min(seconds, (average / 1000) * requests * seconds),
    longestSeconds: longest / 1000,
  };
}
