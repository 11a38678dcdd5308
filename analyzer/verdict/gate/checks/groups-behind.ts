// Finds groups that did not keep up: a rate that consumers do not keep up with only adds lag.

import { percentText, quantityText } from '../../../../core/text/quantity-text.ts';
import type { Check, Inconsistency } from '../check.ts';

/** Of what a step produced, and in seconds of it; less is what a fetch or a late report holds back. */
const leftShare = 0.05;
const leftSeconds = 2;

export const groupsBehind = {
  asks: 'did every group consume what was produced in the sustained steps?',

  check({ run, steps }) {
    const { groups } = run.document.workload;
    if (groups !== undefined && groups > 0 && run.consumed.length === 0 && run.lag.length === 0)
      return [unseen(groups)];
    const behind = steps.flatMap((judged) => {
      const { verdict, step } = judged;
      if (verdict.kind !== 'sustained') return [];
      const seconds = step.window.to - step.window.from;
      return step.groups.flatMap(({ group, tps }) => {
        const left = 1 - tps / step.tps;
        return left > leftShare && left * seconds > leftSeconds ? [{ judged, group, left }] : [];
      });
    });
    const [first] = behind.toSorted((a, b) => a.judged.step.tps - b.judged.step.tps);
    if (first === undefined) return [];
    const { tps } = first.judged.step;
    return [
      {
        consequence: { kind: 'weakened', steps: behind.map(({ judged }) => judged) },
        finding: {
          severity: 'warning',
          code: 'groups-behind',
          message: `From ${quantityText(tps)} msg/s on group ${first.group} was not seen to read ${percentText(first.left)} of what was produced, though its lag did not grow. One of the two figures is wrong; that rate is not shown to be consumed, and no maximum is made of it.`,
          evidence: [
            {
              name: 'left behind',
              value: first.left,
              unit: 'ratio',
              source: 'consumed over produced, one less',
            },
          ],
        },
      },
    ];
  },
} satisfies Check;

function unseen(groups: number): Inconsistency {
  return {
    consequence: { kind: 'warned' },
    finding: {
      severity: 'warning',
      code: 'groups-not-seen',
      message: `The workload has ${quantityText(groups)} consumer ${groups === 1 ? 'group' : 'groups'}, and nothing tells what they read: whether they kept up is not known, and the rate is one of producing.`,
      evidence: [{ name: 'groups', value: groups, unit: 'groups', source: 'workload' }],
    },
  };
}
