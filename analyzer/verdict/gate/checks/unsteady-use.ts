// Finds machines whose use grew at a constant rate: a longer step would show another use.

import { limitText } from '../../../../core/text/limit-text.ts';
import { percentText, quantityText } from '../../../../core/text/quantity-text.ts';
import { generatorNode } from '../../limits/resource-use.ts';
import { isDrifting } from '../../steps/steady-state.ts';
import { trendOf } from '../../../../core/statistics/trend.ts';
import type { Check } from '../check.ts';

/** Of its mean over a step: caches that fill and disks that write back move less. */
const driftShare = 0.2;

export const unsteadyUse = {
  asks: 'did CPU and network use stay constant while the rate did?',

  check({ steps, uses }) {
    const climbing = uses.flatMap((use) => {
      if ((use.kind !== 'cpu' && use.kind !== 'network') || use.node === generatorNode) return [];
      return steps.flatMap(({ verdict, step }, index) => {
        const values = use.uses[index]?.series?.values ?? [];
        const level = use.uses[index]?.mean ?? 0;
        // An idle machine is moved by anything.
        if (verdict.kind !== 'sustained' || level < 0.1 * use.capacity.value) return [];
        const slope = isDrifting(values, driftShare) ? (trendOf(values)?.slope ?? 0) : 0;
        if (slope <= 0) return [];
        return [{ use, tps: step.tps, rise: (slope * values.length) / level }];
      });
    });
    const [worst] = climbing.toSorted((a, b) => b.rise - a.rise);
    if (worst === undefined) return [];
    return [
      {
        consequence: { kind: 'warned' },
        finding: {
          severity: 'warning',
          code: 'use-not-steady',
          message: `${limitText(worst.use)} rose by ${percentText(worst.rise)} within a step of ${quantityText(worst.tps)} msg/s, though the rate did not rise${climbing.length > 1 ? `, and so it did in ${climbing.length - 1} more of the steps and resources` : ''}. A longer step would show a higher use: the limit may be lower. Repeat with longer steps.`,
          evidence: [
            { name: 'rise', value: worst.rise, unit: 'ratio', source: 'Theil–Sen slope over the samples of the step' },
          ],
        },
      },
    ];
  },
} satisfies Check;
