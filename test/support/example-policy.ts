// Provides the policy of tests: the limits of resources are fixed here, so that a test does not change with a default.

import { readDefaultPolicy, type Policy } from '../../core/policy/policy.ts';

const limits = { cpu: 0.7, 'network-in': 0.8, 'network-out': 0.8, 'disk-io': 0.8, memory: 0.9 };

export function examplePolicy(): Policy {
  const policy = readDefaultPolicy();
  const fixed = Object.entries(limits).map(([name, value]) => [
    name,
    { value, source: 'test/support/example-policy.ts' },
  ]);
  return { ...policy, limits: { ...policy.limits, ...(Object.fromEntries(fixed) as Partial<Policy['limits']>) } };
}
