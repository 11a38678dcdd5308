// Defines the contract of `plimsoll redline --json`, and what the run bundle records about a redline.

import { z } from 'zod';
import { brokerKinds } from '../cluster.ts';
import { Analysis } from './analysis.ts';
import { ChangeStatus } from './change-record.ts';
import { RedlineBasis, redlineStep } from './redline-basis.ts';
import { amount, count, positive } from './values.ts';

export const RedlineStopCode = z.enum([
  'limit',
  'no-partitions',
  'budget',
  'slo',
  'guard',
  'traffic-dropped',
  'cluster-changed',
  'not-followed',
  'unreadable',
  'requested',
  'interrupted',
]);
export type RedlineStopCode = z.infer<typeof RedlineStopCode>;

/** Why the load was not increased further. */
export const RedlineStop = z.strictObject({ code: RedlineStopCode, message: z.string() });
export type RedlineStop = z.infer<typeof RedlineStop>;

export const PredictedUse = z.strictObject({
  resource: z.string(),
  node: z.string(),
  use: amount.describe('predicted utilization'),
  policyLimit: positive,
});
export type PredictedUse = z.infer<typeof PredictedUse>;

export const RedlinePlan = RedlineBasis.omit({ broker: true }).extend({
  movablePartitions: count.describe('RocketMQ: topics that can get more queues at the broker'),
  steps: z.array(
    z.strictObject({
      partitions: redlineStep.partitions,
      ledTps: amount,
      moves: count.describe('including the rollback'),
      uses: z.array(PredictedUse),
    }),
  ),
  end: z.string().describe('condition that would end the redline'),
  leftOut: z
    .array(z.string())
    .optional()
    .describe('RocketMQ: topics that the redline does not change, with the reason'),
});
export type RedlinePlan = z.infer<typeof RedlinePlan>;

export const RedlineDocument = z
  .strictObject({
    schemaVersion: z.literal(1),
    cluster: z.string(),
    brokerKind: z.enum(brokerKinds),
    broker: z.string(),
    status: ChangeStatus.extract(['planned', 'done', 'rolled-back']),
    plan: RedlinePlan.optional().describe('of a dry run'),
    problems: z.array(z.string()).optional().describe('why --execute would be refused now'),
    stop: RedlineStop.optional(),
    bundle: z.string().optional().describe('folder of the run bundle'),
    moves: count.optional().describe('completed leader moves (RocketMQ: added queues), including the rollback'),
    restored: z
      .strictObject({ partitions: count, left: z.array(z.string()) })
      .optional()
      .describe('partitions (RocketMQ: topics) that were restored, and those that others changed in the meantime'),
    analysis: Analysis.optional().describe('verdict of the bundle; its `redline` has the maximum of the broker'),
    grade: z
      .strictObject({
        predictedTps: amount.describe('predicted safe maximum of the cluster'),
        redlineTps: amount,
        error: z.number().describe('prediction / redline - 1'),
        isCovered: z.boolean().describe('whether the intervals of prediction and redline overlap'),
      })
      .optional()
      .describe('grade of the earlier prediction (--predicted-by)'),
  })
  .describe('Plan or result of `plimsoll redline`.');
export type RedlineDocument = z.infer<typeof RedlineDocument>;
