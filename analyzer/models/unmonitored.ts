// The assessment of a broker's inside where no source reported it: quiet, because a finding of its own lists everything unmonitored.

import type { Constraint } from '../../core/resource.ts';
import { nodeText } from '../quantity-text.ts';
import type { Assessment } from './model.ts';

export function unmonitored(resource: Constraint, node: string, what: string): Assessment {
  return {
    kind: 'unknown',
    isQuiet: true,
    finding: {
      severity: 'info',
      code: `${resource}-unknown`,
      message: `No metrics of the ${what} of ${nodeText(node)}, so their limit is unknown.`,
      evidence: [],
    },
  };
}
