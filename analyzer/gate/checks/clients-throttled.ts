// Did a quota hold clients back? Then what stopped the load is the quota, and no maximum of the cluster.

import { wholeWithin } from '../../models/use.ts';
import type { Check } from '../check.ts';

export const clientsThrottled = {
  asks: 'did brokers throttle clients (the finding quota tells from which rate)?',

  check({ run, steps }) {
    const throttled = steps.filter(({ step: { window } }) =>
      [...(run.brokers?.values() ?? [])].some((intervals) =>
        wholeWithin(intervals, window).some(({ throttledSeconds = 0 }) => throttledSeconds > 0),
      ),
    );
    return throttled.length === 0 ? [] : [{ consequence: { kind: 'weakened', steps: throttled } }];
  },
} satisfies Check;
