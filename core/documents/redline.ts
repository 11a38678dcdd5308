// Defines the contract of `plimsoll redline --json`, and what the bundle of a redline records about it.

import { z } from 'zod';
import { Analysis } from './analysis.ts';

const tps = z.number().nonnegative();

export const RedlineStopCode = z.enum([
  'limit',
  'no-partitions',
  'budget',
  'slo',
  'guard',
  'traffic-dropped',
  'cluster-changed',
  'unreadable',
  'requested',
  'interrupted',
]);
export type RedlineStopCode = z.infer<typeof RedlineStopCode>;

/** Why the load was not raised further. */
export const RedlineStop = z.strictObject({ code: RedlineStopCode, message: z.string() });
export type RedlineStop = z.infer<typeof RedlineStop>;

const PredictedUse = z.strictObject({
  resource: z.string(),
  node: z.string(),
  use: z.number().nonnegative().describe('predicted, as a share of the capacity'),
  policyLimit: z.number().positive(),
});

export const RedlinePlan = z.strictObject({
  clusterTps: tps.describe('messages per second of all partitions that were read'),
  ledTps: z.record(z.string(), tps).describe('messages per second that each broker leads'),
  movablePartitions: z.number().int().nonnegative(),
  stepShare: z.number().positive(),
  holdSeconds: z.number().positive(),
  maxMoves: z.number().int().positive().describe('leader moves, there and back'),
  steps: z.array(
    z.strictObject({
      partitions: z.array(z.string()).describe('`topic-partition` that the broker leads from this step on'),
      ledTps: tps,
      uses: z.array(PredictedUse),
    }),
  ),
  end: z.string().describe('what would end the redline'),
});
export type RedlinePlan = z.infer<typeof RedlinePlan>;

export const RedlineDocument = z
  .strictObject({
    schemaVersion: z.literal(1),
    cluster: z.string(),
    broker: z.string(),
    status: z.enum(['planned', 'done', 'rolled-back']),
    plan: RedlinePlan.optional().describe('of a dry run'),
    problems: z.array(z.string()).optional().describe('why --execute would be refused now'),
    stop: RedlineStop.optional(),
    bundle: z.string().optional().describe('folder of the run bundle'),
    moves: z.number().int().nonnegative().optional().describe('leader moves that were made, there and back'),
    restored: z
      .strictObject({ partitions: z.number().int().nonnegative(), left: z.array(z.string()) })
      .optional()
      .describe('partitions whose leader and replica order are as before, and those that others changed meanwhile'),
    analysis: Analysis.optional().describe('of the bundle; `redline` in it has the maximum of the broker'),
    grade: z
      .strictObject({
        predictedTps: tps.describe('safe maximum of the cluster as it was predicted before'),
        redlineTps: tps,
        error: z.number().describe('prediction over redline, less one'),
        isCovered: z.boolean().describe('whether the interval of the prediction contains that of the redline in part'),
      })
      .optional()
      .describe('the standing prediction (--predicted-by), graded'),
  })
  .describe('Plan or result of `plimsoll redline`.');
export type RedlineDocument = z.infer<typeof RedlineDocument>;
