// How busy are the threads of a broker? The fuller of Kafka's two pools, request handlers and network threads.

import { nodeText } from '../quantity-text.ts';
import type { ResourceModel } from './model.ts';
import { useOfBroker } from './use.ts';

const pools = [
  { name: 'request handlers', metric: 'RequestHandlerAvgIdlePercent', of: 'requestHandlersBusy' },
  { name: 'network threads', metric: 'NetworkProcessorAvgIdlePercent', of: 'networkProcessorsBusy' },
] as const;

/**
 * A pool is a station: its use is rate × time in the pool over its threads, which is what Kafka tells as one minus the idle share. Time
 * that a handler waits for a disk is busy, too, so the bounds are those of a device: no claim far past what was measured.
 */
export const threads = {
  resource: 'threads',
  requires: 'idle shares of the request handlers and network threads of a Kafka broker',
  kind: 'disk',

  assess(steps, series) {
    const { node } = series;
    const [fullest] = pools
      .map((pool) => {
        const uses = steps.map((step) => useOfBroker(step, series, (interval) => interval[pool.of]));
        return { ...pool, uses, highest: Math.max(...uses.map((use) => use?.mean ?? Number.NEGATIVE_INFINITY)) };
      })
      .filter(({ highest }) => Number.isFinite(highest))
      .toSorted((a, b) => b.highest - a.highest);
    if (fullest === undefined) {
      return {
        kind: 'unknown',
        isQuiet: true,
        finding: {
          severity: 'info',
          code: 'threads-unknown',
          message: `The threads of ${nodeText(node)} are not judged: nobody read how idle they were.`,
          evidence: [],
        },
      };
    }
    return {
      kind: 'measured',
      capacity: {
        value: 1,
        unit: 'ratio',
        source: `all ${fullest.name} of ${nodeText(node)} busy all the time (1 − ${fullest.metric})`,
      },
      uses: fullest.uses,
      findings: [],
    };
  },
} satisfies ResourceModel;
