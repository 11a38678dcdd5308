// Defines the document of `plimsoll ops kafka reassign --json`.

import { z } from 'zod';
import { Finding } from '../../../core/documents/analysis.ts';
import { LoadCourse } from '../../../core/documents/recorded-operation.ts';
import { ChangeJournal } from '../../../ops/change/journal.ts';
import type { Executed } from './execute-plan.ts';
import type { MadePlan } from './made-plan.ts';

const schemaVersion = 1;

const Span = z.strictObject({ low: z.number(), mid: z.number(), high: z.number() });

const Partition = z.strictObject({
  topic: z.string(),
  partition: z.int(),
  replicas: z.array(z.int()),
  log_dirs: z.array(z.string()).optional(),
});

const Assignment = z
  .strictObject({ version: z.literal(1), partitions: z.array(Partition) })
  .describe('as kafka-reassign-partitions.sh reads and writes it');

export const ReassignDocument = z.strictObject({
  schemaVersion: z.literal(schemaVersion),
  moves: z.strictObject({ replicas: z.int(), bytes: z.number().optional(), leaders: z.int() }),
  lowerBound: z
    .strictObject({ replicas: z.int(), bytes: z.number().optional() })
    .describe('fewer no plan to the same goal moves'),
  gap: z
    .number()
    .describe('moves beyond the bound over it, by bytes where sizes are given; 0 where nothing has to move'),
  waves: z.array(
    z.strictObject({
      partitions: z.array(Partition),
      bytes: z.number().optional(),
      throttleBytesPerSecond: z.number().optional(),
      etaSeconds: Span.optional(),
    }),
  ),
  etaSeconds: Span.optional(),
  course: LoadCourse.optional(),
  plan: Assignment,
  rollback: Assignment,
  findings: z.array(Finding).readonly(),
  notice: z.string().optional().describe('of --notice'),
  notices: z.strictObject({ en: z.string(), zh: z.string() }).optional().describe('to those whose topics move'),
  executed: z
    .strictObject({
      outcome: z.enum(['done', 'undone', 'paused']),
      startedAt: z.iso.datetime(),
      state: z.string().describe('file with where it stands'),
      checks: ChangeJournal.shape.checks,
      log: ChangeJournal.shape.log,
    })
    .optional()
    .describe('of --execute'),
});
export type ReassignDocument = z.infer<typeof ReassignDocument>;

export interface Notices {
  /** In the requested language. */
  notice?: string | undefined;
  notices: { en: string; zh: string };
}

export function reassignDocument(
  { plan, findings }: MadePlan,
  { notice, notices }: Notices,
  executed?: Executed,
): ReassignDocument {
  const { slack: _, ...told } = plan;
  return {
    schemaVersion,
    ...told,
    findings,
    ...(notice !== undefined && { notice }),
    notices,
    ...(executed && { executed: outcomeOf(executed) }),
  };
}

function outcomeOf({ result: outcome, state, kept }: Executed): NonNullable<ReassignDocument['executed']> {
  return { outcome: outcome.kind, startedAt: state.startedAt, state: kept, checks: state.checks, log: state.log };
}
