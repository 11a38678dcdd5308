// Defines the input of a reassignment: old and new placement, and the pace.

import { z } from 'zod';
import type { ChangeJournal } from '../../change/journal.ts';
import { amount, positive, positiveCount } from '../../../core/documents/values.ts';

const Placed = z.strictObject({ topic: z.string(), partition: z.int(), replicas: z.array(z.int()) });

export const ReassignFacts = z.strictObject({
  /** Former and desired placement of the partitions that change. */
  original: z.array(Placed),
  target: z.array(Placed),
  /** Placements before the last wave, and those that it aims at; absent before the first wave. */
  left: z.array(Placed).optional(),
  leaving: z.array(z.int()).describe('brokers to remove; partitions whose only replica is on one of them move first'),
  leavingVoters: z.array(z.int()).optional().describe('those of them that are voters of the controller quorum'),
  votersUnread: z.string().optional().describe('why the voters of a controller quorum are unknown'),
  movesPerBroker: positiveCount,
  minInSync: z.record(z.string(), z.int()).optional().describe('min.insync.replicas by topic, where it is more than 1'),
  networkBytesPerSecond: positive.optional(),
  throttleBytesPerSecond: positive.optional().describe('configured instead of measured'),
  cutRetention: z
    .strictObject({
      retentionMs: positiveCount,
      topics: z.array(z.string()),
      isDone: z.boolean().optional().describe('applied once per change: after a stop it is not shortened again'),
    })
    .optional()
    .describe('before anything is copied'),
  handOvers: z
    .strictObject({ waitSeconds: amount, share: positive })
    .optional()
    .describe(
      'longest wait of writes to a partition for its hand-over, and the maximum share of all writes that wait; absent: unlimited',
    ),
  p99BeforeSeconds: positive.optional().describe('p99 of writes before the change, measured by the canary'),
});
export type ReassignFacts = z.infer<typeof ReassignFacts>;

export type ReassignJournal = ChangeJournal<ReassignFacts>;

/** Folder of the journals, in which a reassignment is named by its cluster id. */
export const reassignFolder = 'kafka-changes';
