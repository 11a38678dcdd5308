// Summarizes an entry of the history for lists, without its document.

import { z } from 'zod';
import { Analysis, SafeMaxTps } from '../../../core/documents/analysis.ts';
import {
  Author,
  Change,
  Grade,
  historyEntryKinds,
  RecordedAlert,
  RecordedForecast,
  type HistoryEntry,
} from '../../../core/documents/history-entry.ts';
import { RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { defined } from '../../../core/defined.ts';
import { count, positiveCount, time } from '../../../core/documents/values.ts';

export const HistoryLine = z.strictObject({
  id: positiveCount,
  at: time,
  by: Author,
  kind: z.enum(historyEntryKinds),
  cluster: z.string().optional(),
  domain: z.string().optional(),
  why: z.string().optional(),
  evidence: z.string().optional().describe('run folder, file or query that is the evidence of the entry'),
  run: z.string().optional().describe('verdict or test: id of the run'),
  safeMaxTps: SafeMaxTps.optional().describe('verdict or test'),
  binding: Analysis.shape.binding.describe('verdict or test: the bottleneck'),
  peak: RecordedForecast.shape.peak.optional().describe('forecast'),
  plan: z.strictObject({ name: z.string(), brokers: count, shape: z.string() }).optional().describe('plan'),
  operation: RecordedOperation.pick({ operation: true, subject: true, state: true, moves: true })
    .optional()
    .describe('operation'),
  report: z
    .strictObject({
      promotion: z.string(),
      expires: z.iso.date(),
      decisions: z.array(z.strictObject({ domain: z.string(), decision: z.string() })),
    })
    .optional()
    .describe('report'),
  grade: Grade.optional(),
  change: Change.optional(),
  alert: RecordedAlert.optional(),
});

export function lineOf(entry: HistoryEntry): z.input<typeof HistoryLine> {
  const { id, at, by, kind, cluster, domain, why, evidence } = entry;
  return { ...defined({ id, at, by, kind, cluster, domain, why, evidence }), ...figuresOf(entry) };
}

function figuresOf(entry: HistoryEntry): Partial<z.input<typeof HistoryLine>> {
  switch (entry.kind) {
    case 'verdict':
    case 'test': {
      const { run, safeMaxTps, binding } = entry.document;
      return { run: run.id, safeMaxTps, ...(binding !== undefined && { binding }) };
    }
    case 'forecast':
      return { peak: entry.document.peak };
    case 'plan': {
      const { name, brokers, shape } = entry.document;
      return { plan: { name, brokers: brokers.length, shape: shape.name } };
    }
    case 'operation': {
      const { operation, subject, state, moves } = entry.document;
      return {
        operation: { operation, state, ...(subject !== undefined && { subject }), ...(moves && { moves }) },
      };
    }
    case 'report': {
      const { promotion, expires, verdicts } = entry.document;
      const decisions = verdicts.map(({ domain, decision }) => ({ domain, decision }));
      return { report: { promotion: promotion.name, expires, decisions } };
    }
    case 'grade':
      return { grade: entry.document };
    case 'change':
      return { change: entry.document };
    case 'alert':
      return { alert: entry.document };
  }
}
