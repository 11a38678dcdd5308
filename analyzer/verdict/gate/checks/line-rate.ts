// Checks that no interface moved more than its link can transmit.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { generatorNode, hostOfNode, utilisation } from '../../limits/resource-use.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { LoadTestRun } from '../../../evidence/load-test-run.ts';
import { refused, type Check, type Inconsistency } from '../check.ts';

export const lineRate: Check = ({ run, uses, steps, policy }) =>
  uses.flatMap((use): Inconsistency[] => {
    if (use.kind !== 'network' || use.node === generatorNode) return [];
    const share = Math.max(...steps.map((_, index) => utilisation(use, index) ?? 0));
    const slack = 1 + slackOf(use.node, run, policy);
    if (share <= slack) return [];
    const { value, source } = use.capacity;
    const finding = findingOf('above-line-rate', { limit: use, share, slack, capacityBytes: value, source });
    return [refused('the true speed of the network card', use.node, finding)];
  });

function slackOf(node: string, { document, hosts }: LoadTestRun, { inputs }: Policy): number {
  const { environment, sources } = document;
  const host = hostOfNode(environment, node);
  const isOwn = sources === undefined && hosts.get(host)?.readBy?.network === undefined;
  return (isOwn ? inputs.lineRateShare : inputs.importedLineRateShare).value;
}
