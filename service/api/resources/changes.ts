// Lists changes, and records those of operators: notes, extra analyses, promotions.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { NewHistoryEntry } from '../../../core/documents/history-entry.ts';
import { Promotion } from '../../../app/config/service.ts';
import { operation, schemaVersion, type ApiParts } from '../operation.ts';
import { clusterNamed, NameParameter } from './cluster-parameter.ts';
import { HistoryLine, lineOf } from './history-line.ts';
import { pageOfEntries, PageOfEntries, pageParameters } from './page-of-entries.ts';

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
type AskedChange = z.output<typeof AskedChange>;

export const changes = operation({
  method: 'get',
  path: '/changes',
  id: 'listChanges',
  summary: 'Who changed what, newest first.',
  query: { ...pageParameters, cluster: NameParameter.optional() },
  answer: PageOfEntries,
  madeOf: 'history',

  answerTo({ query: { cluster, ...page } }, parts) {
    return pageOfEntries({ ...(cluster !== undefined && { cluster }), kinds: ['change'] }, page, parts);
  },
});

export const addChange = operation({
  method: 'post',
  path: '/changes',
  id: 'addChange',
  summary: 'Annotate an entry, ask for an analysis out of turn, or set a promotion.',
  body: AskedChange,
  answer: z.strictObject({ schemaVersion: z.literal(1), entry: HistoryLine }),
  status: 201,
  madeOf: 'moment',
  isChange: true,
  faults: ['not-found', 'ledger-full', 'ledger-in-use', 'ledger-unwritable', 'ledger-damaged'],

  answerTo({ body, user }, parts) {
    const entry = parts.history.append(entryOf(body, parts), { name: user.name, through: 'api' });
    // Only what is on record is done.
    if (body.what === 'analysis-asked') parts.schedule.ask(body.job, body.cluster);
    return { schemaVersion, entry: lineOf(entry) };
  },
});

/** @throws AppError not-found */
function entryOf(asked: AskedChange, parts: ApiParts): NewHistoryEntry {
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
