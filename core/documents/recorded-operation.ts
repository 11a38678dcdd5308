// Defines what the history stores about an operation on a cluster: moves, order, rollback and progress.

import { z } from 'zod';
import { Finding } from './analysis.ts';
import { amount, count, positive, time } from './values.ts';

export const operationNames = [
  'reassignment',
  'partitions',
  'queues',
  'scale-out',
  'scale-in',
  'name-servers',
  'switch',
] as const;
export type OperationName = (typeof operationNames)[number];

const operationStates = ['planned', 'under-way', 'done', 'aborted'] as const;
export type OperationState = (typeof operationStates)[number];

/** More would make a page unreadable; the plan file has all. */
export const mostRecordedMoves = 2000;
export const mostRecordedWaves = 2000;
const mostSteps = 500;

const OperationSpan = z.strictObject({ low: amount, mid: amount, high: amount });

export const OperationWave = z.strictObject({
  partitions: count,
  bytes: amount.optional(),
  throttleBytesPerSecond: amount.optional(),
  etaSeconds: OperationSpan.optional(),
});
export type OperationWave = z.infer<typeof OperationWave>;

/** @returns the rate for a rollback of all waves at once, in whole bytes as Kafka's tool reads it; undefined if no wave has one */
export function slowestThrottle(waves: readonly Pick<OperationWave, 'throttleBytesPerSecond'>[]): number | undefined {
  const throttles = waves.flatMap(({ throttleBytesPerSecond: each }) => each ?? []);
  return throttles.length === 0 ? undefined : Math.floor(Math.min(...throttles));
}

/** Brokers of a partition, the preferred leader first; `from` is empty for a new partition. */
export const OperationMove = z.strictObject({
  topic: z.string(),
  partition: count,
  from: z.array(z.int()),
  to: z.array(z.int()),
});
export type OperationMove = z.infer<typeof OperationMove>;

const stepTexts = {
  says: z.string(),
  how: z.array(z.string()).optional(),
  undo: z.string().optional(),
  evidence: z.array(z.string()),
};

export const OperationStep = z.strictObject({
  id: z.string(),
  by: z.enum(['plimsoll', 'operator']),
  ...stepTexts,
  state: z.enum(['to do', 'begun', 'done', 'undone']),
  zh: z.strictObject(stepTexts).optional().describe('the same in Chinese; absent in older documents'),
});
export type OperationStep = z.infer<typeof OperationStep>;

export const OperationHold = z.strictObject({ what: z.string(), zh: z.string().optional(), until: time.optional() });

/** Planned use of the most loaded link and the fullest disk of the cluster while replicas move. */
export const LoadCourse = z.strictObject({
  stepSeconds: positive,
  points: z
    .array(
      z.strictObject({
        network: amount.describe('utilization of the busiest link, including incoming messages'),
        disk: amount
          .optional()
          .describe('utilization of the fullest disk; old replicas are deleted at the end of a wave'),
      }),
    )
    .max(mostRecordedWaves),
  incomingBytesPerSecond: amount.optional().describe('other traffic of clients and followers to a broker'),
});
export type LoadCourse = z.infer<typeof LoadCourse>;

export const RecordedOperation = z.strictObject({
  operation: z.enum(operationNames),
  subject: z.string().min(1).max(249).optional().describe('broker, topic or address'),
  state: z.enum(operationStates),
  startedAt: time.optional(),
  fingerprint: z.string().optional().describe('same id for the plan and its execution'),
  moves: z
    .strictObject({
      replicas: count,
      bytes: amount.optional(),
      removed: count.optional().describe('replicas that are deleted without a new copy'),
      leaders: count,
    })
    .optional(),
  lowerBound: z.strictObject({ replicas: count, bytes: amount.optional() }).optional(),
  gap: amount.optional().describe('moves above the lower bound, divided by it'),
  waves: z.array(OperationWave).max(mostRecordedWaves).optional(),
  etaSeconds: OperationSpan.optional(),
  course: LoadCourse.optional(),
  partitions: z
    .strictObject({
      shown: z.array(OperationMove).max(mostRecordedMoves),
      all: count.describe('items that change; further ones are only in the file of the plan'),
    })
    .optional(),
  steps: z.array(OperationStep).max(mostSteps).optional(),
  holds: z.array(OperationHold).optional().describe('why it cannot continue'),
  findings: z.array(Finding),
  notices: z.strictObject({ en: z.string().optional(), zh: z.string().optional() }).optional(),
  log: z
    .array(z.strictObject({ at: time, says: z.string(), zh: z.string().optional() }))
    .max(mostSteps)
    .optional(),
});
export type RecordedOperation = z.infer<typeof RecordedOperation>;
