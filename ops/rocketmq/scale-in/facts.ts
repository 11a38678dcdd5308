// Defines the facts of a scale-in between steps.

import { z } from 'zod';
import { ClosedGroup } from '../close-writes.ts';
import { OrderChange } from '../topics/set-order.ts';

export const ScaleInFacts = ClosedGroup.extend({
  retentionHours: z.number().positive().optional(),
  delaySeconds: z.array(z.number()).describe('delay of each level of the broker, in order'),
  longestTimerSeconds: z.number().optional(),
  hidesWaiting: z
    .boolean()
    .optional()
    .describe('timers, half messages or pop records are in RocksDB of the broker, where they cannot be counted'),
  forget: z
    .string()
    .optional()
    .describe('command by which the controllers forget the broker; absent without controllers'),
  orders: z
    .record(z.string(), OrderChange)
    .optional()
    .describe('by topic: order configurations that the broker leaves; absent: none'),
  readers: z
    .array(z.strictObject({ group: z.string(), topic: z.string() }))
    .optional()
    .describe('groups that have committed in its topics at other brokers, and not there; absent: none'),
  ignoredGroups: z.array(z.string()),
  giveUpReplay: z.boolean(),
  quietAt: z.iso.datetime().optional().describe('time when the absence of messages was established'),
  wasReopened: z.boolean().optional().describe('others let producers write to it again; it was not quiet since'),
  stoppedAt: z.iso.datetime().optional(),
});
export type ScaleInFacts = z.infer<typeof ScaleInFacts>;
