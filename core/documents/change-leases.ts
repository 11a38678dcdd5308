// Defines the contract of `plimsoll ops status --json`; docs/schema/change-leases.schema.json is generated from it.

import { z } from 'zod';
import { ChangeLease } from './change-lease.ts';

export const FreezeStatus = z.strictObject({
  cluster: z.string(),
  state: z.enum(['current', 'next']),
  reason: z.string(),
  from: z.iso.datetime(),
  until: z.iso.datetime().optional().describe('absent: it has no end'),
  timeZone: z.string(),
});
export type FreezeStatus = z.infer<typeof FreezeStatus>;

const LeaseStatus = z.discriminatedUnion('state', [
  z.strictObject({ cluster: z.string(), state: z.literal('free') }),
  z.strictObject({
    cluster: z.string(),
    state: z.literal('held'),
    lease: ChangeLease,
    heartbeatAgeSeconds: z
      .number()
      .describe('by the clocks of the owner and of this machine; negative where they differ'),
  }),
  z.strictObject({ cluster: z.string(), state: z.literal('unknown'), reason: z.string() }),
]);
export type LeaseStatus = z.infer<typeof LeaseStatus>;

export const LeasesDocument = z.strictObject({
  schemaVersion: z.literal(1),
  leases: z.array(LeaseStatus),
  freezes: z.array(FreezeStatus).optional().describe('of clusters with a freeze that holds now, or is to come'),
});
