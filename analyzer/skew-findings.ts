// Does one broker take more than its share? What binds the fullest leaves the others with room that an even spread would give.

import type { Finding, SafeMaxTps } from '../core/analysis.ts';
import { nodeText, percentText, quantityText } from './quantity-text.ts';
import { safeCeilings } from './ceilings.ts';
import type { Evidence } from './evidence.ts';
import { mean } from './statistics.ts';

/** Less than this beyond the mean is within what keys and the noise of a step make. */
const noteworthy = 1.15;

/**
 * A node that reaches its limit at a rate x takes the share 1 / x of its own room with every message: even shares are all at the
 * harmonic mean of these rates.
 */
export function skewFindings(evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource, node } = safe.limitedBy;
  const alike = safeCeilings(evidence).filter(({ limit, value }) => {
    return 'resource' in limit && limit.resource === resource && value > 0;
  });
  const costs = alike.map(({ value }) => 1 / value);
  const highest = Math.max(...costs);
  if (alike.length < 2 || highest < noteworthy * mean(costs)) return [];
  const even = 1 / mean(costs);
  return [
    {
      severity: 'warning',
      code: 'broker-skew',
      message: `${nodeText(node)} takes ${percentText(highest / mean(costs) - 1)} more of its ${resource} than the mean of ${alike.length} nodes: spread evenly, ${resource} would allow ${quantityText(even)} msg/s in place of ${quantityText(1 / highest)}. Move leaders, partitions or queues.`,
      evidence: [
        { name: 'highest over mean', value: highest / mean(costs), unit: 'ratio', source: `fits of ${resource}` },
        { name: 'spread evenly', value: even, unit: 'messages/s', source: 'harmonic mean of the limits of all nodes' },
      ],
    },
  ];
}
