// Returns entries in pages, newest first, with a cursor that stays valid while entries are added.

import { z } from 'zod';
import type { HistoryEntry } from '../../../core/documents/history-entry.ts';
import type { HistoryQuery } from '../../history/history.ts';
import type { ApiParts } from '../operation.ts';
import { HistoryLine, lineOf } from './history-line.ts';

/** A page reads complete documents to summarize them; a verdict has about 50 KB. */
const mostEntries = 100;
const usualEntries = 20;

export const pageParameters = {
  limit: z.number().int().min(1).max(mostEntries).default(usualEntries).describe('maximum number of entries per page'),
  cursor: z
    .string()
    .regex(/^e[1-9][0-9]{0,14}$/, 'a cursor is the `next` of the previous page')
    .optional()
    .describe('`next` of the previous page'),
  since: z.iso.datetime().optional().describe('entries from this time on'),
  until: z.iso.datetime().optional().describe('entries before this time'),
};

export const PageOfEntries = z.strictObject({
  schemaVersion: z.literal(1),
  entries: z.array(HistoryLine).describe('newest first'),
  next: z.string().optional().describe('cursor of the next page; absent on the last'),
});

export function pageOfEntries(
  filter: Pick<HistoryQuery, 'cluster' | 'domain' | 'kinds' | 'change'>,
  { limit, cursor, since, until }: z.output<z.ZodObject<typeof pageParameters>>,
  { history }: Pick<ApiParts, 'history'>,
): z.input<typeof PageOfEntries> {
  // Requests one more entry to detect another page.
  const found = history.entries({
    ...filter,
    ...(since !== undefined && { sinceMs: Date.parse(since) }),
    ...(until !== undefined && { untilMs: Date.parse(until) }),
    ...(cursor !== undefined && { beforeId: Number(cursor.slice(1)) }),
    limit: limit + 1,
  });
  const entries = found.slice(0, limit);
  const last: HistoryEntry | undefined = entries.at(-1);
  return {
    schemaVersion: 1,
    entries: entries.map((entry) => lineOf(entry)),
    ...(found.length > limit && last !== undefined && { next: `e${last.id}` }),
  };
}
