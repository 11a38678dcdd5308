// Defines the request file for a new topic, which a team keeps next to its code.

import { z } from 'zod';
import { Duration, Size } from '../../../core/text/quantity.ts';
import { consumerGroups, messageShape } from '../domains/domains-file.ts';

export const TopicRequest = z.strictObject({
  topic: z
    .string()
    .regex(
      /^[A-Za-z0-9._%-]{1,127}$/,
      'a topic has 1 to 127 letters, digits, dots, hyphens, underscores or percent signs',
    )
    .describe('name of the topic'),
  domain: z.string().min(1).describe('business domain of the domains file'),
  peakTps: z.number().positive().describe('messages a second of the busiest hour of a usual day, today'),
  averageTps: z.number().nonnegative().optional().describe('average over the retention time; default: the peak'),
  messageBytes: Size.describe('body of a message, before compression'),
  consumerGroups,
  retention: Duration.describe('how long messages are kept, such as 3d'),
  partitions: z.number().int().positive().max(100_000).describe('or queues, of the whole cluster, copies not counted'),
  ...messageShape,
});
export type TopicRequest = z.output<typeof TopicRequest>;
