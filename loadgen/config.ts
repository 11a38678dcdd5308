// What does the `loadgen` section of plimsoll.yaml hold?

import { z } from 'zod';

export const LoadgenConfig = z
  .strictObject({
    host: z.string().optional().describe('key under hosts: the machine the load generator runs on'),
    networkNamespace: z
      .string()
      .min(1)
      .optional()
      .describe('network namespace that `plimsoll run` runs itself in (root only); `plimsoll lab up --nic` writes it'),
  })
  .describe('where the load generator runs');
export type LoadgenConfig = z.output<typeof LoadgenConfig>;
