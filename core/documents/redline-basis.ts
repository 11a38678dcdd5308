// Defines the input of a redline: the broker, the traffic of each broker, and its bounds.

import { z } from 'zod';
import { LoadTestGrant } from '../policy/load-test-permission.ts';
import { RecordedSettings } from './evidence/recorded-settings.ts';
import { TelemetryEnvironment } from './evidence/telemetry.ts';
import { amount, count, positive, positiveCount, time } from './values.ts';

/** Known before the first step; stored in run.json. */
export const RedlineBasis = z.strictObject({
  broker: z.string(),
  clusterTps: amount.describe('messages per second of all partitions that were read'),
  ledTps: z.record(z.string(), amount).describe('messages per second of the partitions or queues of each broker'),
  stepShare: positive,
  holdSeconds: positive,
  maxMoves: positiveCount.describe('leader moves (RocketMQ: added queues), including the rollback'),
});
export type RedlineBasis = z.infer<typeof RedlineBasis>;

/** Additional content of run.json for a redline. */
export const redlineRun = {
  id: z.string().regex(/^\w[\w.-]{0,127}$/, 'the id of a run is a plain name, such as redline-20260618-010000'),
  origin: z.literal('redline'),
  startedAt: time,
  environment: TelemetryEnvironment,
  brokerVersion: z.string().optional(),
  versions: z.record(z.string(), z.string()),
  gitCommit: z.string().optional(),
  loadTest: LoadTestGrant.optional(),
  /** Settings of brokers and JVMs at the start. */
  settings: RecordedSettings.optional(),
  redline: RedlineBasis,
};

/** End of a step, in the journal. */
export const redlineStep = {
  step: count,
  partitions: z
    .array(z.string())
    .describe('`topic-partition` that the broker leads from this step on; RocketMQ: write queues of a topic'),
  predictedTps: amount,
  discarded: z.string().optional().describe('why it is excluded, such as dropping traffic'),
};
