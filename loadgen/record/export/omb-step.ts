// Builds the OpenMessaging Benchmark document of one step, with a value for every ten seconds.

import { getOrMake } from '../../../core/get-or-make.ts';
import { createOmbSum, ombFigures, ombSeries, type OmbSeries } from './omb-window.ts';
import type { IntervalLine, StepOfRun } from '../step-locator.ts';

/** Interval at which the benchmark prints. */
const windowSeconds = 10;
/** Same as `percentiles(100)` in the benchmark. */
const quantileTicks = 100;

export type OmbStep = ReturnType<typeof createOmbStep>;

/** Expects lines in journal order; a line that arrives after its window was closed counts in the next one. */
export function createOmbStep(step: StepOfRun) {
  const whole = createOmbSum();
  const window = createOmbSum();
  const columns = new Map<string, number[]>();
  let open = 0;
  let backlog = 0;

  const column = (name: string) => getOrMake(columns, name, () => []);

  function closeWindow(seconds: number): void {
    column('publishRate').push(window.counts.acknowledged / seconds);
    column('publishErrorRate').push(window.counts.failed / seconds);
    column('consumeRate').push(window.counts.consumed / seconds);
    column('backlog').push(backlog);
    for (const series of Object.keys(ombSeries) as OmbSeries[]) {
      for (const [name, value] of ombFigures(series, window.histograms[series])) column(name).push(value);
    }
    window.clear();
    open += 1;
  }

  return {
    step,
    /** @param backlogMessages messages acknowledged and not yet consumed, after this line */
    add(line: IntervalLine, backlogMessages: number): void {
      const middle = line.elapsedSeconds - line.intervalSeconds / 2;
      while (middle >= step.startSeconds + (open + 1) * windowSeconds) closeWindow(windowSeconds);
      window.add(line);
      whole.add(line);
      backlog = backlogMessages;
    },
    isFromIntended: whole.isFromIntended,
    /** End of the last window in seconds of the run, from which readers count back. Valid after `document`. */
    endSeconds: (): number => step.startSeconds + open * windowSeconds,
    /** @returns the document without the fields of run.json */
    document(): Record<string, number | readonly number[] | Record<string, number>> {
      const left = step.endSeconds - step.startSeconds - open * windowSeconds;
      // Reports have a resolution of one second.
      const isWhole = left > windowSeconds - 1;
      // Readers count each window as ten seconds, so a shorter one is dropped beside complete ones.
      if (isWhole || (left >= 1 && open === 0)) closeWindow(Math.min(left, windowSeconds));
      const aggregated = Object.keys(ombSeries).flatMap((name) => {
        const series = name as OmbSeries;
        const histogram = whole.histograms[series];
        const quantiles = [...histogram.quantiles(quantileTicks)].map(
          ({ percentile, microseconds }) => [asDouble(percentile), ombSeries[series](microseconds)] as const,
        );
        return [
          ...[...ombFigures(series, histogram)].map(([key, value]) => [aggregatedKey(key), value] as const),
          [`${aggregatedKey(series)}Quantiles`, Object.fromEntries(quantiles)] as const,
        ];
      });
      return { ...Object.fromEntries(columns), ...Object.fromEntries(aggregated) };
    },
  };
}

const aggregatedKey = (key: string) => `aggregated${key.charAt(0).toUpperCase()}${key.slice(1)}`;

/** Formats like a Java double; an integer key would also change the order of keys. */
const asDouble = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
