// Provides the policy of tests with fixed resource limits, so that no test depends on a default.

import { readDefaultPolicy, type Policy } from '../../core/policy/policy.ts';

export function examplePolicy(): Policy {
  const policy = readDefaultPolicy();
  const fixed = (name: keyof Policy['limits'], value: number) => ({ [name]: { ...policy.limits[name], value } });
  return {
    ...policy,
    limits: {
      ...policy.limits,
      ...fixed('cpu', 0.7),
      ...fixed('network-in', 0.8),
      ...fixed('network-out', 0.8),
      ...fixed('disk-io', 0.8),
      ...fixed('memory', 0.9),
    },
  };
}
