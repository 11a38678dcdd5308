// Defines the facts of a drill between steps, and its report.

import { z } from 'zod';

const count = z.number().int().min(0);

export const DrillReport = z.strictObject({
  brokerName: z.string(),
  mode: z.enum(['dledger', 'controller', 'acting-master', 'none']),
  leader: z.string(),
  followers: z.array(z.string()).readonly(),
  answersAlone: z.boolean().describe('the leader acknowledges before a follower has the message'),
  newLeader: z.string(),
  secondsWithoutWrites: z.number(),
  servers: z
    .array(
      z.strictObject({
        server: z.string(),
        newLeaderSeconds: z.number().optional(),
        deadLeftSeconds: z.number().optional(),
        returnedSeconds: z.number().optional(),
      }),
    )
    .describe('since the leader no longer answered'),
  caughtUpSeconds: z.number().optional().describe('since it answered again'),
  messages: z.strictObject({
    acknowledged: count,
    retried: count,
    failedAttempts: count,
    stored: count,
    lost: z.number().int(),
    doubled: count,
    outOfOrder: count,
  }),
});
export type DrillReport = z.infer<typeof DrillReport>;

export const DrillFacts = z.strictObject({
  brokerName: z.string(),
  members: z.array(z.string()).describe('addresses of the leader and its followers'),
  topic: z.string().describe('created for the drill, and deleted at its end'),
  report: DrillReport.optional(),
});
export type DrillFacts = z.infer<typeof DrillFacts>;
