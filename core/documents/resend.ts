// Defines the contract of `plimsoll ops kafka resend --json` and `ops rocketmq resend --json`; docs/schema/resend.schema.json is generated from it.

import { z } from 'zod';
import { Finding } from './analysis.ts';
import { ChangeStatus } from './change-record.ts';

export const ResendDocument = z.strictObject({
  schemaVersion: z.literal(1),
  cluster: z.string(),
  topic: z.string().describe('the dead-letter topic'),
  status: ChangeStatus.exclude(['paused']),
  read: z.number().optional().describe('messages read to select those to resend; absent with --resume and --abort'),
  messages: z
    .array(
      z.strictObject({
        message: z.string().describe('partition@offset in the dead-letter topic, of RocketMQ broker:queue@offset'),
        storedAt: z.iso.datetime().optional(),
        to: z.string().describe('topic; empty if it is unknown'),
      }),
    )
    .optional(),
  findings: z.array(Finding),
  evidence: z.array(z.string()).describe('results of each step'),
  holds: z.array(z.string()).describe('why it is not complete; empty if it is'),
  sentFile: z.string().optional().describe('file with a line before and after each sent message'),
  stateFile: z.string().optional(),
});
