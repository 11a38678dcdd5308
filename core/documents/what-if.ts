// Defines the contract of `plimsoll analyze --what-if CHANGES --json`; docs/schema/what-if.schema.json is generated from it.

import { z } from 'zod';
import { Analysis, Binding, Interval, Limit, SafeMaxTps } from './analysis.ts';

export const whatIfSchemaVersion = 1;

const alternative = {
  messageBytes: z.number().optional(),
  groups: z.number().int().optional().describe('consumer groups that read every message'),
  replicas: z.number().int().optional().describe('all copies of a message'),
  acks: z.enum(['all', 'leader', 'none']).optional(),
  compression: z.number().optional().describe('packed over plain'),
  nic: z.number().optional().describe("bits per second of every broker's card"),
  disks: z.number().int().optional().describe('data disks of every broker'),
  brokers: z.number().int().optional().describe('or masters of RocketMQ'),
};

const value = z.union([z.number(), z.string()]);

export const WhatIfDocument = z.strictObject({
  schemaVersion: z.literal(whatIfSchemaVersion),
  measured: Analysis,
  alternatives: z
    .array(
      z.strictObject({
        alternative: z.strictObject(alternative).describe('what was asked to be otherwise'),
        safeMaxTps: SafeMaxTps,
        binding: Binding,
        limits: z
          .array(
            z.strictObject({
              limitedBy: Limit,
              estimateTps: z.number().describe('produced messages per second of the cluster'),
              interval: Interval,
              isBeyondReach: z
                .boolean()
                .describe('beyond the extrapolation that the policy allows for a fit of this run'),
            }),
          )
          .readonly()
          .optional()
          .describe('where each resource of each broker meets the policy, the lowest first'),
        carried: z
          .array(
            z.strictObject({
              quantity: z.enum(Object.keys(alternative) as [keyof typeof alternative, ...(keyof typeof alternative)[]]),
              from: value.optional().describe('as measured; absent if the run does not contain it'),
              to: value,
              how: z.string(),
              extrapolates: z.boolean().describe('by assumption, and not by measurement'),
            }),
          )
          .readonly(),
      }),
    )
    .readonly(),
});
export type WhatIfDocument = z.infer<typeof WhatIfDocument>;
