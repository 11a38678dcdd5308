// Checks that CPU and network use stayed constant while the rate did.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { generatorNode } from '../../limits/resource-use.ts';
import { isDrifting } from '../../steps/steady-state.ts';
import { trendOf } from '../../../../core/statistics/trend.ts';
import { warned, type Check } from '../check.ts';

/** Largest drift over a step, as a share of its mean; filling caches and write-back cause less. */
const driftShare = 0.2;

export const unsteadyUse: Check = ({ steps, uses }) => {
  const climbing = uses.flatMap((use) => {
    if ((use.kind !== 'cpu' && use.kind !== 'network') || use.node === generatorNode) return [];
    return steps.flatMap(({ verdict, step }, index) => {
      const values = use.uses[index]?.series?.values ?? [];
      const level = use.uses[index]?.mean ?? 0;
      // On an idle host, any other work causes a drift.
      if (verdict.kind !== 'sustained' || level < 0.1 * use.capacity.value) return [];
      const slope = isDrifting(values, driftShare) ? (trendOf(values)?.slope ?? 0) : 0;
      if (slope <= 0) return [];
      return [{ use, tps: step.tps, rise: (slope * values.length) / level }];
    });
  });
  const [worst] = climbing.toSorted((a, b) => b.rise - a.rise);
  if (worst === undefined) return [];
  const { use, tps, rise } = worst;
  return [warned(findingOf('use-not-steady', { limit: use, tps, rise, others: climbing.length - 1 }))];
};
