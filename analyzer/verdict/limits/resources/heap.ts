// Assesses the heap: live data after collections compared with its maximum, if it follows the load.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import { unmonitored, type ResourceModel, type Use } from './model.ts';
import { useOfBroker } from './use.ts';

/** Least growth between the lowest and the highest rate; young collections leave less in the old generation by chance. */
const leastGrowth = 0.05;

const pauses = ['gcPauseShare', 'longestPauseSeconds'] as const;

/**
 * After a young collection the heap includes dead objects of the old generation, so a full heap may be harmless: it
 * limits the load only if it grows with the load. A heap above its limit is reported in any case.
 */
export const heap = {
  resource: 'heap',
  requires: 'heap of the broker after its last collection',
  reportedBy: { kafka: pauses, rocketmq: pauses },
  kind: 'disk',

  assess(steps, series, { limits }) {
    const { node } = series;
    const uses = steps.map((step) => useOfBroker(step, series, 'heapUsedRatio'));
    const byRate = steps
      .flatMap(({ step }, index): { tps: number; use: NonNullable<Use> }[] => {
        const use = uses[index];
        return use === undefined ? [] : [{ tps: step.tps, use }];
      })
      .toSorted((a, b) => a.tps - b.tps);
    const [lowest, highest] = [byRate[0], byRate.at(-1)];
    if (lowest === undefined || highest === undefined) return unmonitored;
    if (highest.use.mean - lowest.use.mean >= leastGrowth) {
      return {
        kind: 'measured',
        capacity: { value: 1, unit: 'ratio', source: `most of the heap of ${nodeText(node)} after collections` },
        uses,
      };
    }
    const usedRatio = Math.max(...byRate.map(({ use }) => use.mean));
    if (usedRatio <= limits.heap.value) return unmonitored;
    return { kind: 'unknown', finding: findingOf('heap-after-gc', { node, usedRatio, limit: limits.heap }) };
  },
} satisfies ResourceModel;
