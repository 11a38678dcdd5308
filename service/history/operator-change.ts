// Records what an operator changes: notes, extra analyses, promotions; and starts the analyses.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Author, HistoryEntry, NewHistoryEntry } from '../../core/documents/history-entry.ts';
import { Promotion } from '../../app/config/service.ts';
import { clusterNamed, NameParameter } from '../api/resources/cluster-parameter.ts';
import type { ServiceParts } from '../parts.ts';

export type ChangeParts = Pick<ServiceParts, 'history' | 'clusters' | 'schedule'>;

const longestNote = 2000;
const Note = z.string().min(1).max(longestNote);

export const AskedChange = z.discriminatedUnion('what', [
  z.strictObject({
    what: z.literal('annotated'),
    note: Note,
    cluster: NameParameter.optional().describe('absent for what concerns the whole fleet'),
    entry: z
      .number()
      .int()
      .positive()
      .max(999_999_999_999_999)
      .optional()
      .describe('id of the entry the note is about'),
  }),
  z.strictObject({
    what: z.literal('analysis-asked'),
    cluster: NameParameter,
    job: z.enum(['analysis', 'forecast']).default('analysis'),
    why: Note.optional(),
  }),
  z.strictObject({
    what: z.literal('promotion-set'),
    promotion: Promotion.describe('in place of the one of the same name'),
    why: Note.optional(),
  }),
]);
export type AskedChange = z.output<typeof AskedChange>;

/** @throws AppError not-found; as the history writes */
export function recordChange(asked: AskedChange, author: Author, parts: ChangeParts): HistoryEntry {
  const entry = parts.history.append(entryOf(asked, parts), author);
  // Only what is on record is done.
  if (asked.what === 'analysis-asked') parts.schedule.ask(asked.job, asked.cluster);
  return entry;
}

/** @throws AppError not-found */
function entryOf(asked: AskedChange, parts: ChangeParts): NewHistoryEntry {
  switch (asked.what) {
    case 'annotated': {
      const { note, cluster, entry } = asked;
      const about = entry === undefined ? undefined : parts.history.entry(entry);
      if (entry !== undefined && about === undefined)
        throw new AppError('not-found', `the history has no entry ${entry}`);
      // A note refers to the entry it is about.
      const named = about?.cluster ?? (cluster === undefined ? undefined : clusterNamed(cluster, parts).name);
      return {
        kind: 'change',
        ...(named !== undefined && { cluster: named }),
        document: { what: 'annotated', after: note, ...(entry !== undefined && { entry }) },
      };
    }
    case 'analysis-asked': {
      const { name } = clusterNamed(asked.cluster, parts);
      const isThere = parts.schedule.states().some((job) => job.name === asked.job && job.cluster === name);
      if (!isThere) {
        throw new AppError('not-found', `no ${asked.job} is made of cluster ${name}`, {
          hint: 'service.clusters in config names the source an analysis is made from',
        });
      }
      return {
        kind: 'change',
        cluster: name,
        ...reason(asked),
        document: { what: 'analysis-asked', after: asked.job },
      };
    }
    case 'promotion-set':
      return {
        kind: 'change',
        ...reason(asked),
        document: { what: 'promotion-set', after: JSON.stringify(asked.promotion) },
      };
  }
}

const reason = ({ why }: { why?: string | undefined }) => (why === undefined ? {} : { why });
