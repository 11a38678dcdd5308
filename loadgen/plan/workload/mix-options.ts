// Defines the `mix` of a workload file: topics with different messages, and their shares of the load.

import { z } from 'zod';
import { MessageKeys, MessageSizes } from './message-options.ts';

const share = z.number().nonnegative().max(1e9);

export const MixOptions = z
  .array(
    z.strictObject({
      share: z
        .union([share, z.array(share).min(1)])
        .describe('of the messages, relative to the other topics; a list has one for each step of the profile'),
      messageSize: MessageSizes.optional().describe('of this topic (default that of the workload)'),
      keys: MessageKeys.optional().describe('of this topic (default those of the workload)'),
    }),
  )
  .min(2)
  .max(100)
  .describe('topics that differ, one entry each, in place of `topics`');
