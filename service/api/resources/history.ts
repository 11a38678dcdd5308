// Lists the history of all clusters, filtered and paged.

import { z } from 'zod';
import { changeKinds, historyEntryKinds } from '../../../core/documents/history-entry.ts';
import { operation } from '../operation.ts';
import { NameParameter } from './cluster-parameter.ts';
import { pageOfEntries, PageOfEntries, pageParameters } from './page-of-entries.ts';
import { defined } from '../../../core/defined.ts';

export const history = operation({
  path: '/ledger',
  id: 'listLedger',
  summary: 'History entries, newest first.',
  query: {
    ...pageParameters,
    cluster: NameParameter.optional().describe('also a cluster that is no longer configured'),
    domain: NameParameter.optional(),
    kind: z.enum(historyEntryKinds).optional(),
    change: z.enum(changeKinds).optional().describe('only changes of this kind, such as `annotated` for notes'),
  },
  answer: PageOfEntries,
  madeOf: 'history',

  answerTo({ query: { cluster, domain, kind, change, ...page } }, parts) {
    return pageOfEntries(defined({ cluster, domain, kinds: kind && [kind], change }), page, parts);
  },
});
