// Defines the document of `plimsoll analyze --what-if CHANGES --json`.

import { z } from 'zod';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { Analysis, Interval, Limit, SafeMaxTps } from '../../core/documents/analysis.ts';

const schemaVersion = 1;

const asked = {
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
  schemaVersion: z.literal(schemaVersion),
  measured: Analysis,
  alternatives: z
    .array(
      z.strictObject({
        alternative: z.strictObject(asked).describe('what was asked to be otherwise'),
        safeMaxTps: SafeMaxTps,
        binding: z
          .array(z.strictObject({ limitedBy: Limit, probability: z.number().min(0).max(1) }))
          .describe('how often each limit came first over the draws; most probable first'),
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
              quantity: z.enum(Object.keys(asked) as [keyof typeof asked, ...(keyof typeof asked)[]]),
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

export function whatIfDocument(measured: Analysis, alternatives: readonly WhatIf[]): WhatIfDocument {
  return {
    schemaVersion,
    measured,
    alternatives: alternatives.map(({ alternative, safeMaxTps, binding, limits, carried }) => ({
      alternative,
      safeMaxTps,
      binding,
      limits,
      carried,
    })),
  };
}
