// Defines the `loadgen` section of plimsoll.yaml.

import { z } from 'zod';
import { GuardConfig } from './guard/config.ts';
import { HostMetric } from './guard/readiness.ts';
import { WorkersConfig } from './remote/config.ts';

export const LoadgenConfig = z
  .strictObject({
    host: z.string().optional().describe('key under hosts: the host of the load generator'),
    networkNamespace: z
      .string()
      .min(1)
      .optional()
      .describe('network namespace that `plimsoll run` enters (root only); `plimsoll lab up --nic 50mbit` writes it'),
    acceptBlind: z
      .array(HostMetric)
      .default([])
      .describe('host metrics that may be missing when a run starts; verdicts that need them stay unknown'),
    workers: WorkersConfig.optional(),
    guard: GuardConfig,
  })
  .describe('host and stop conditions of the load generator');
export type LoadgenConfig = z.output<typeof LoadgenConfig>;
