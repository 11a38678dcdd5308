// Defines the contract of `plimsoll ops status --json`; docs/schema/change-leases.schema.json is generated from it.

import { z } from 'zod';
import { ChangeLease, PlacedBy } from './change-lease.ts';
import { ChangeLog } from './change-record.ts';

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
  z.strictObject({ cluster: z.string(), state: z.literal('free'), placedBy: PlacedBy.optional() }),
  z.strictObject({
    cluster: z.string(),
    state: z.literal('held'),
    lease: ChangeLease,
    heartbeatAgeSeconds: z
      .number()
      .describe('computed with the clocks of owner and this host; negative if they differ'),
  }),
  z.strictObject({ cluster: z.string(), state: z.literal('unknown'), reason: z.string() }),
]);
export type LeaseStatus = z.infer<typeof LeaseStatus>;

export const UnfinishedChange = z.strictObject({
  cluster: z.string(),
  change: z.string().describe('kind of change, such as reassign or ab-test'),
  subject: z.string().describe('the topic, group, broker or setting it is about'),
  state: z
    .enum(['running', 'stopped', 'unknown'])
    .describe(
      'running: its process holds the lease of the cluster and has renewed it within 60 s; unknown: the lease could not be read',
    ),
  startedAt: z.iso.datetime(),
  last: ChangeLog.element.optional().describe('the last entry of its journal; absent without one'),
  stepsDone: z.array(z.string()).optional().describe('steps that are done and not rolled back; absent without one'),
  borrowed: z.array(z.string()).describe('settings that it has changed and not restored yet'),
  resume: z.string().optional().describe('command that continues it; absent if there is none'),
  abort: z.string().optional().describe('command that rolls it back; absent if there is none'),
  file: z.string().describe('its journal'),
});
export type UnfinishedChange = z.infer<typeof UnfinishedChange>;

export const LeasesDocument = z.strictObject({
  schemaVersion: z.literal(1),
  leases: z.array(LeaseStatus),
  changes: z
    .array(UnfinishedChange)
    .optional()
    .describe('changes in the state folder of this host that were started and are neither complete nor rolled back'),
  freezes: z.array(FreezeStatus).optional().describe('freezes of clusters, current and future'),
});
