// Lists the capacity reports, newest first.

import { operation } from '../operation.ts';
import { NameParameter } from './cluster-parameter.ts';
import { pageOfEntries, PageOfEntries, pageParameters } from './page-of-entries.ts';

export const reports = operation({
  path: '/reports',
  id: 'listReports',
  summary: 'Capacity reports with the decision for each domain, newest first.',
  query: { ...pageParameters, domain: NameParameter.optional() },
  answer: PageOfEntries,
  madeOf: 'history',

  answerTo({ query: { domain, ...page } }, parts) {
    return pageOfEntries({ ...(domain !== undefined && { domain }), kinds: ['report'] }, page, parts);
  },
});
