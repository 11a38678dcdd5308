// Builds the OpenMessaging Benchmark document of one step, with a value for every ten seconds.

import { getOrMake } from '../../../core/get-or-make.ts';
import { createOmbSum, ombFigures, ombSeries, type OmbSeries } from './omb-window.ts';
import type { IntervalLine, StepOfRun } from '../step-locator.ts';

/** As often as the benchmark prints. */
const windowSeconds = 10;
/** Its own `percentiles(100)`. */
const quantileTicks = 100;

export type OmbStep = ReturnType<typeof createOmbStep>;

/** Lines are to come in the order of the journal; one that comes after its window was closed counts in the next. */
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
    /** @param backlogMessages acknowledged and not yet consumed, after this line */
    add(line: IntervalLine, backlogMessages: number): void {
      const middle = line.elapsedSeconds - line.intervalSeconds / 2;
      while (middle >= step.startSeconds + (open + 1) * windowSeconds) closeWindow(windowSeconds);
      window.add(line);
      whole.add(line);
      backlog = backlogMessages;
    },
    isFromIntended: whole.isFromIntended,
    /** Second of the run at which the last window ended: readers count back from it. Of use once the document was made. */
    endSeconds: (): number => step.startSeconds + open * windowSeconds,
    /** @returns the document without what stands in run.json */
    document(): Record<string, number | readonly number[] | Record<string, number>> {
      const left = step.endSeconds - step.startSeconds - open * windowSeconds;
      // Reports come by the second.
      const isWhole = left > windowSeconds - 1;
      // Readers count each window as ten seconds: less has no place beside whole ones.
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

/** As Java writes a double; a whole number would also change its place among the keys. */
const asDouble = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
