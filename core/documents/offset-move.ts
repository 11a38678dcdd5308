// Defines the contract of `plimsoll ops offsets reset --json` and `restore --json`; docs/schema/offset-move.schema.json is generated from it.

import { z } from 'zod';
import { Finding } from './analysis.ts';
import { ChangeStatus } from './change-record.ts';

/** Offsets may exceed 2^53, so they are written with all digits, as JSON allows. */
const offset = z.number();

export const MoveDocument = z.strictObject({
  schemaVersion: z.literal(2),
  cluster: z.string(),
  group: z.string(),
  status: ChangeStatus.extract(['planned', 'done', 'rolled-back']),
  presence: z.strictObject({
    kind: z.enum(['absent', 'stopped', 'running', 'unknown']),
    reason: z.string().optional(),
    members: z
      .array(z.strictObject({ id: z.string(), clientId: z.string(), address: z.string().optional() }))
      .optional(),
  }),
  partitions: z.array(
    z.strictObject({
      topic: z.string(),
      partition: z.number(),
      brokerName: z.string().optional().describe('RocketMQ: queue ids start at 0 on each broker'),
      start: offset.optional().describe('first stored offset'),
      end: offset.optional().describe('offset of the next message'),
      committed: offset.optional().describe('absent if the group never committed'),
      target: offset.optional(),
      skipped: offset.optional().describe('maximum number of messages; absent if unknown'),
      repeated: offset.optional().describe('maximum number of messages; absent if unknown'),
      lost: offset.optional().describe('deleted by retention before the group read them'),
      cutTo: z.enum(['start', 'end']).optional().describe('the requested offset is not stored'),
      stay: z.string().optional().describe('why it is not changed'),
      unknown: z.string().optional().describe('why it is unknown'),
      committedAfter: offset.optional(),
    }),
  ),
  skipped: offset.optional().describe('of all partitions; absent if one is unknown'),
  repeated: offset.optional().describe('of all partitions; absent if one is unknown'),
  findings: z.array(Finding),
  backup: z.string().optional().describe('file that was written before'),
  undo: z.string().optional().describe('command that rolls back'),
  notice: z.string().optional(),
});
