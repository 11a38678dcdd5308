// Lists the manual steps of each turn, for parameters that require a restart.

import type { Side } from '../../analyzer/review/ab-test/effect.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Question } from './question.ts';
import type { RequestedTurns } from './drive-turns.ts';

type HandSteps = Pick<RequestedTurns, 'workload' | 'turns' | 'out'> & {
  kind: BrokerKind;
  cluster: string;
  /** Options that name the cluster in a command. */
  clusterArgs: string;
};

export const bundleOf = (out: string, turn: number, side: Side) => `${out}/turn-${turn}-${side}`;

export function handSteps(
  { parameter, a, b }: Question,
  { kind, cluster, clusterArgs, workload, turns, out }: HandSteps,
): string[] {
  const valueOf = (side: Side) => (side === 'a' ? a : b);
  const dirs = (wanted: Side) =>
    turns.flatMap((side, index) => (side === wanted ? [bundleOf(out, index + 1, side)] : [])).join(',');
  const lines = turns.flatMap((side, index) => {
    const before = turns[index - 1];
    return [
      ...(before === side
        ? []
        : [
            `set ${parameter}=${valueOf(side)} in ${traitsOf(kind).terms.settingsFile} of every broker of ${cluster} and restart them one by one; wait until \`plimsoll get brokers${clusterArgs}\` shows every copy in sync`,
          ]),
      `plimsoll run ${workload}${clusterArgs} --out ${bundleOf(out, index + 1, side)}`,
    ];
  });
  return [...lines, `plimsoll ab-test ${parameter}=${a},${b} --bundles A=${dirs('a')} B=${dirs('b')}`];
}
