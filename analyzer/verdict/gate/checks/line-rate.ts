// Finds cards that moved more than their link can carry: the speed or the unit of the counters is wrong.

import { limitText } from '../../../../core/text/limit-text.ts';
import { bitRateText, capacityText, percentText } from '../../../../core/text/quantity-text.ts';
import { generatorNode, utilisation } from '../../limits/resource-use.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { LoadTestRun } from '../../../evidence/load-test-run.ts';
import type { Check, Inconsistency } from '../check.ts';

const speeds = [1e9, 2.5e9, 5e9, 10e9, 25e9, 40e9, 50e9, 100e9, 200e9, 400e9];

export const lineRate = {
  asks: 'did a card move more in the mean of a step than its link can carry?',

  check({ run, uses, steps, policy }) {
    return uses.flatMap((use): Inconsistency[] => {
      if (use.kind !== 'network' || use.node === generatorNode) return [];
      const share = Math.max(...steps.map((_, index) => utilisation(use, index) ?? 0));
      const slack = 1 + slackOf(use.node, run, policy);
      if (share <= slack) return [];
      const { value } = use.capacity;
      return [
        {
          consequence: { kind: 'refused', missing: { what: 'the true speed of the network card', node: use.node } },
          finding: {
            severity: 'critical',
            code: 'above-line-rate',
            message: `${limitText(use)} moved ${capacityText(share * value, 'bytes/s')}, ${percentText(share)} of what ${bitRateText(value * 8)} carries. That cannot be: ${waysOut(share, value, slack).join('; or ')}. No verdict is made before it is known.`,
            evidence: [
              { name: 'moved', value: share * value, unit: 'bytes/s', source: 'interface counters, mean of a step' },
              { name: 'capacity', value, unit: 'bytes/s', source: use.capacity.source },
            ],
          },
        },
      ];
    });
  },
} satisfies Check;

function slackOf(node: string, { document, hosts }: LoadTestRun, { inputs }: Policy): number {
  const { environment, sources } = document;
  const host = environment.brokers.find(({ id }) => id === node)?.host ?? node;
  const isOwn = sources === undefined && hosts.get(host)?.readBy?.network === undefined;
  return (isOwn ? inputs.lineRateShare : inputs.importedLineRateShare).value;
}

function waysOut(share: number, capacity: number, slack: number): string[] {
  const moved = share * capacity;
  const faster = speeds.find((speed) => speed >= moved * 8);
  return [
    ...(faster === undefined ? [] : [`the link has ${bitRateText(faster)}`]),
    ...(share <= 2 ? ['the figure adds up both directions'] : []),
    ...(share <= 8 * slack ? ['the figure is in bits'] : []),
    ...(share > 8 ? ['the figure counts another time, as a minute, or is in another unit, as kilobytes'] : []),
  ];
}
