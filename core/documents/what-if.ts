// Defines the contract of `plimsoll analyze --what-if CHANGES --json`; docs/schema/what-if.schema.json is generated from it.

import { z } from 'zod';
import { Analysis, Binding, Interval, Limit, SafeMaxTps } from './analysis.ts';

export const whatIfSchemaVersion = 1;

const alternative = {
  messageBytes: z.number().optional(),
  groups: z.number().int().optional().describe('consumer groups that read every message'),
  replicas: z.number().int().optional().describe('copies of a message, leader included'),
  acks: z.enum(['all', 'leader', 'none']).optional(),
  compression: z.number().optional().describe('compressed size divided by uncompressed size'),
  nic: z.number().optional().describe('bits per second of the network card of each broker'),
  disks: z.number().int().optional().describe('data disks of each broker'),
  brokers: z.number().int().optional().describe('brokers (RocketMQ: masters)'),
};

export type QuantityName = keyof typeof alternative;
export const quantityNames = Object.keys(alternative) as QuantityName[];

export const AlternativeLimit = z.strictObject({
  limitedBy: Limit,
  estimateTps: z.number().describe('produced messages per second of the cluster'),
  interval: Interval,
  isBeyondReach: z.boolean().describe('beyond the extrapolation limit of the policy for this run'),
});
export type AlternativeLimit = z.infer<typeof AlternativeLimit>;

const value = z.union([z.number(), z.string()]);
export const CarriedQuantity = z.strictObject({
  quantity: z.enum(quantityNames),
  from: value.optional().describe('as measured; absent if the run did not record it'),
  to: value,
  how: z.string(),
  howZh: z.string().optional().describe('the same in Chinese; absent in documents of older versions'),
  extrapolates: z.boolean().describe('outside the measured range: by assumption, not by measurement'),
});
export type CarriedQuantity = z.infer<typeof CarriedQuantity>;

export const WhatIfDocument = z.strictObject({
  schemaVersion: z.literal(whatIfSchemaVersion),
  measured: Analysis,
  alternatives: z
    .array(
      z.strictObject({
        alternative: z.strictObject(alternative).describe('requested changes'),
        safeMaxTps: SafeMaxTps,
        binding: Binding,
        limits: z
          .array(AlternativeLimit)
          .readonly()
          .optional()
          .describe('rate at which each resource of each broker reaches its policy limit, lowest first'),
        carried: z.array(CarriedQuantity).readonly(),
      }),
    )
    .readonly(),
});
export type WhatIfDocument = z.infer<typeof WhatIfDocument>;
