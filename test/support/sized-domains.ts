// Sizes the domains of the example with few simulations.

import { fileURLToPath } from 'node:url';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import { readDomains } from '../../app/planning/read-domains.ts';
import { examplePolicy } from './example-policy.ts';
import type { ClusterPlans } from '../../core/documents/cluster-plan.ts';

const example = fileURLToPath(new URL('../../examples/domains.yaml', import.meta.url));

export async function sizedDomains(): Promise<ClusterPlans> {
  const reading = await readDomains(example, {
    policy: examplePolicy(),
    signal: new AbortController().signal,
  });
  return sizeDomains({ ...reading, seed: 'plimsoll', worlds: 32 });
}
