// Assesses the heap: live data after collections against its maximum, if it follows the load.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { nodeText, percentText } from '../../../../core/text/quantity-text.ts';
import type { ResourceModel, Use } from './model.ts';
import { useOfBroker } from './use.ts';

/** Between the lowest and the highest rate; less is what a young collection leaves in the old generation by chance. */
const leastGrowth = 0.05;

const pauses = ['gcPauseShare', 'longestPauseSeconds'] as const;

/**
 * After a young collection the heap includes dead objects of the old generation, so a heap may be full without danger:
 * only one that grows with the load is a limit of the load. One above its limit is reported all the same.
 */
export const heap = {
  resource: 'heap',
  requires: 'heap of the broker after its last collection',
  reportedBy: { kafka: pauses, rocketmq: pauses },
  kind: 'disk',

  assess(steps, series, { limits }) {
    const { node } = series;
    const uses = steps.map((step) => useOfBroker(step, series, ({ heapUsedRatio }) => heapUsedRatio));
    const byRate = steps
      .flatMap(({ step }, index): { tps: number; use: NonNullable<Use> }[] => {
        const use = uses[index];
        return use === undefined ? [] : [{ tps: step.tps, use }];
      })
      .toSorted((a, b) => a.tps - b.tps);
    const [lowest, highest] = [byRate[0], byRate.at(-1)];
    const source = `heap of ${nodeText(node)} after collections`;
    if (lowest === undefined || highest === undefined) {
      return {
        kind: 'unknown',
        isQuiet: true,
        finding: {
          severity: 'info',
          code: 'heap-unknown',
          message: `The heap of ${nodeText(node)} is not judged: heap use after collections is unknown.`,
          evidence: [],
        },
      };
    }
    if (highest.use.mean - lowest.use.mean >= leastGrowth) {
      return {
        kind: 'measured',
        capacity: { value: 1, unit: 'ratio', source: `most of the ${source}` },
        uses,
        findings: [],
      };
    }
    const fullest = Math.max(...byRate.map(({ use }) => use.mean));
    const { value, source: limitSource } = limits.heap;
    const finding: Finding = {
      severity: 'warning',
      code: 'heap-after-gc',
      message: `The heap of ${nodeText(node)} stood at ${percentText(fullest)} after collections at every rate. It does not follow the load, so no rate is named for it; see its GC log with \`plimsoll gc\`.`,
      evidence: [
        { name: 'heap after GC', value: fullest, unit: 'ratio', source },
        { name: 'limit', value, unit: 'ratio', source: limitSource },
      ],
    };
    return fullest > value ? { kind: 'unknown', finding } : { kind: 'unknown', isQuiet: true, finding };
  },
} satisfies ResourceModel;
