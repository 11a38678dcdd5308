// Groups the series of large collectors into runs that share all labels but the last.

import type { Measurement, Run, Runs } from './collector.ts';

/** A run in construction. */
interface OpenRun extends Run {
  last: (string | number)[];
  values: (number | bigint)[];
}

export function openRun(metric: string, labels: readonly string[] = []): OpenRun {
  return { metric, labels, last: [], values: [] };
}

export function addTo({ last, values }: OpenRun, label: string | number, value: number | bigint): void {
  last.push(label);
  values.push(value);
}

export function inRuns(runs: () => Iterable<Run>): Runs {
  return { runs, [Symbol.iterator]: () => oneByOne(runs()) };
}

export function hasRuns(measurements: Iterable<Measurement> | Runs): measurements is Runs {
  return 'runs' in measurements;
}

function* oneByOne(runs: Iterable<Run>): Generator<Measurement> {
  for (const { metric, labels, last, values } of runs) {
    for (let index = 0; index < last.length; index++) {
      yield { metric, labels: [...labels, String(last[index])], value: values[index] ?? NaN };
    }
  }
}
