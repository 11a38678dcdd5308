// Defines the facts of a scale-out between steps.

import { z } from 'zod';
import { Definition } from '../topics/define-topic.ts';

export const ScaleOutFacts = z.strictObject({
  brokerName: z.string(),
  like: z.string().describe('broker name whose settings the new one is compared with'),
  sources: z.array(z.string()).optional().describe('names of the brokers whose groups and topics are copied'),
  groups: z.array(z.strictObject({ name: z.string(), definition: z.string() })),
  topics: z.array(Definition),
  acceptDrift: z.boolean(),
  settleSeconds: z.number().min(0),
  watchSeconds: z.number().positive(),
  formerPermissions: z
    .record(z.string(), z.number().int())
    .optional()
    .describe('permission of each planned topic that the broker had before; absent until the groups are defined'),
  address: z.string().optional().describe('of its master, once it is started'),
  readableAt: z.iso.datetime().optional().describe('when consumers could see the new queues'),
});
export type ScaleOutFacts = z.infer<typeof ScaleOutFacts>;
