// Defines the contract of `plimsoll ops kafka reassign --json`; docs/schema/reassign.schema.json is generated from it.

import { z } from 'zod';
import { Finding } from './analysis.ts';
import { ChangeChecks, ChangeLog, ChangeStatus } from './change-record.ts';
import { Estimate } from './cluster-plan.ts';
import { LoadCourse, OperationWave, RecordedOperation } from './recorded-operation.ts';

export const reassignSchemaVersion = 2;

const Partition = z.strictObject({
  topic: z.string(),
  partition: z.int(),
  replicas: z.array(z.int()),
  log_dirs: z.array(z.string()).optional(),
});

const Assignment = z
  .strictObject({ version: z.literal(1), partitions: z.array(Partition) })
  .describe('in the format of kafka-reassign-partitions.sh');

export const ReassignDocument = z.strictObject({
  schemaVersion: z.literal(reassignSchemaVersion),
  moves: RecordedOperation.shape.moves.unwrap(),
  lowerBound: RecordedOperation.shape.lowerBound.unwrap().describe('no plan to the same goal moves fewer'),
  gap: z
    .number()
    .describe(
      'moves above the lower bound, divided by it; in bytes if sizes are known; 0 if nothing has to move, 1 if only the bound is 0',
    ),
  waves: z.array(OperationWave.extend({ partitions: z.array(Partition) })),
  etaSeconds: Estimate.optional(),
  course: LoadCourse.optional(),
  plan: Assignment,
  rollback: Assignment,
  findings: z.array(Finding).readonly(),
  notice: z.string().optional().describe('of --notice'),
  notices: z.strictObject({ en: z.string(), zh: z.string() }).describe('announcement for teams whose topics move'),
  executed: z
    .strictObject({
      status: ChangeStatus.extract(['paused', 'done', 'rolled-back']),
      startedAt: z.iso.datetime(),
      state: z.string().describe('file with the progress'),
      checks: ChangeChecks,
      log: ChangeLog,
    })
    .optional()
    .describe('of --execute'),
});
export type ReassignDocument = z.infer<typeof ReassignDocument>;

/** Also reads documents of schema version 1, which have other words for the status. */
export const StoredReassignment = z.preprocess(
  (document) => FirstVersion.safeParse(document).data ?? document,
  ReassignDocument,
);

const FirstVersion = z.looseObject({
  schemaVersion: z.literal(1).transform(() => reassignSchemaVersion),
  executed: z
    .looseObject({ outcome: z.string() })
    .transform(({ outcome, ...rest }) => ({ ...rest, status: outcome === 'undone' ? 'rolled-back' : outcome }))
    .optional(),
});
