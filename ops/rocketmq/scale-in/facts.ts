// Defines the state that a scale-in keeps between steps.

import { z } from 'zod';

export const ScaleInFacts = z.strictObject({
  brokerName: z.string(),
  members: z.array(
    z.strictObject({
      brokerId: z.number().int(),
      address: z.string(),
      permission: z.number().int().describe('brokerPermission before the change'),
    }),
  ),
  topics: z.array(z.string()).describe('topics of clients that the broker had, retry and dead-letter topics included'),
  names: z.array(z.string()).describe('names of clusters and brokers, each of which has a topic of this name'),
  quietSeconds: z.number().positive(),
  retentionHours: z.number().positive().optional(),
  delaySeconds: z.array(z.number()).describe('delay of each level of the broker, in order'),
  longestTimerSeconds: z.number().optional(),
  ignoredGroups: z.array(z.string()),
  giveUpReplay: z.boolean(),
  quietAt: z.iso.datetime().optional().describe('time when the absence of messages was established'),
  wasReopened: z.boolean().optional().describe('others let producers write to it again; it was not quiet since'),
  stoppedAt: z.iso.datetime().optional(),
});
export type ScaleInFacts = z.infer<typeof ScaleInFacts>;
