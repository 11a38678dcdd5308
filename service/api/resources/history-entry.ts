// Returns one entry of the history with its document and later notes.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { Author, NewHistoryEntry } from '../../../core/documents/history-entry.ts';
import { operation, schemaVersion, type ApiParts } from '../operation.ts';
import { HistoryLine, lineOf } from './history-line.ts';

const recorded = { id: z.number().int().positive(), at: z.iso.datetime(), by: Author };
const [verdict, test, forecast, plan, operated, report, grade, change, alert] = NewHistoryEntry.options;

export const KeptEntry = z.discriminatedUnion('kind', [
  verdict.extend(recorded),
  test.extend(recorded),
  forecast.extend(recorded),
  plan.extend(recorded),
  operated.extend(recorded),
  report.extend(recorded),
  grade.extend(recorded),
  change.extend(recorded),
  alert.extend(recorded),
]);

const mostNotes = 500;

export const historyEntry = operation({
  path: '/ledger/{id}',
  id: 'getLedgerEntry',
  summary: 'One history entry with its document and notes.',
  parameters: { id: z.number().int().min(1).max(999_999_999_999_999) },
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    entry: KeptEntry,
    notes: z.array(HistoryLine).describe('annotations of this entry, newest first'),
  }),
  madeOf: 'history',
  faults: ['not-found'],

  answerTo({ path: { id } }, parts) {
    const entry = parts.history.entry(id);
    if (entry === undefined) {
      throw new AppError('not-found', `no history entry ${id}`, {
        hint: '/api/v1/ledger lists them',
      });
    }
    return { schemaVersion, entry, notes: notesOf(id, entry.cluster, parts) };
  },
});

function notesOf(id: number, cluster: string | undefined, { history }: ApiParts) {
  const ofCluster = cluster !== undefined && { cluster };
  return history.entries({ ...ofCluster, about: [id], afterId: id, limit: mostNotes }).map(lineOf);
}
