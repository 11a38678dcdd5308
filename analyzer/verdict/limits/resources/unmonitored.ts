// Makes the assessment of a broker limit without metrics; it is silent, because `not-monitored` lists them all.

import type { Constraint } from '../../../../core/resource.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
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
