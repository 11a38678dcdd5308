// Lists changes, and records changes by operators: notes, extra analyses, promotions, load tests.

import { z } from 'zod';
import { ChangeRequest, recordChange } from '../../history/operator-change.ts';
import { operation, schemaVersion } from '../operation.ts';
import { NameParameter } from './cluster-parameter.ts';
import { HistoryLine, lineOf } from './history-line.ts';
import { pageOfEntries, PageOfEntries, pageParameters } from './page-of-entries.ts';

export const changes = operation({
  path: '/changes',
  id: 'listChanges',
  summary: 'Changes with their author, newest first.',
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
  summary:
    'Annotate an entry, request an analysis, set a promotion, start or stop a load test, or end the sessions of a person.',
  body: ChangeRequest,
  answer: z.strictObject({ schemaVersion: z.literal(1), entry: HistoryLine }),
  status: 201,
  madeOf: 'moment',
  isChange: true,
  faults: [
    'not-found',
    'load-test-refused',
    'state-unwritable',
    'ledger-full',
    'ledger-in-use',
    'ledger-unwritable',
    'ledger-damaged',
  ],

  async answerTo({ body, user }, parts) {
    const entry = await recordChange(body, { user, through: 'api' }, parts);
    return { schemaVersion, entry: lineOf(entry) };
  },
});
