// Up to which share of a capacity is a cluster safe? Data with citations; config may override a value and says so.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const Cited = z.strictObject({ value: z.number().positive(), source: z.string() });

export const Policy = z.strictObject({
  /** Ratio of capacity that the p99 of one-second samples of the worst broker and direction may reach. */
  limits: z.strictObject({
    cpu: Cited,
    'disk-io': Cited,
    'disk-space': Cited,
    'network-in': Cited,
    'network-out': Cited,
    memory: Cited,
    heap: Cited,
    threads: Cited,
  }),
  /** How long a step must have been driven at a rate to confirm it. */
  confirmationSeconds: Cited,
  /** How far beyond the highest sustained step a straight line may speak, per kind of resource. */
  extrapolation: z.strictObject({ network: Cited, cpu: Cited, disk: Cited }),
  /** Busy share of the hottest core that is worth a finding. */
  hottestCore: Cited,
});
export type Policy = z.infer<typeof Policy>;

/** @returns the policy that ships with Plimsoll */
export function readDefaultPolicy(): Policy {
  return Policy.parse(parse(readFileSync(new URL('./default.yaml', import.meta.url), 'utf8')));
}
