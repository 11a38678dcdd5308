// Lists the verdicts, load tests, forecasts and plans of one cluster.

import type { HistoryEntryKind } from '../../../core/documents/history-entry.ts';
import { operation } from '../operation.ts';
import { clusterNamed, clusterParameter } from './cluster-parameter.ts';
import { pageOfEntries, PageOfEntries, pageParameters } from './page-of-entries.ts';

export const verdicts = entriesOf({
  path: 'verdicts',
  id: 'listVerdicts',
  // Load tests are included, because they end in a verdict on the capacity of the cluster.
  kinds: ['verdict', 'test'],
  summary: 'Measured capacity of the cluster, from analyses of production and load tests, newest first.',
});
export const tests = entriesOf({
  path: 'tests',
  id: 'listTests',
  kinds: ['test'],
  summary: 'Load tests of the cluster, newest first.',
});
export const forecasts = entriesOf({
  path: 'forecasts',
  id: 'listForecasts',
  kinds: ['forecast'],
  summary: 'Load forecasts of the cluster, newest first.',
});
export const plans = entriesOf({
  path: 'plans',
  id: 'listPlans',
  kinds: ['plan'],
  summary: 'Sizing plans of the cluster, newest first.',
});

function entriesOf({ path, id, kinds, summary }: Entries) {
  return operation({
    path: `/clusters/{cluster}/${path}`,
    id,
    summary,
    parameters: clusterParameter,
    query: pageParameters,
    answer: PageOfEntries,
    madeOf: 'history',
    faults: ['not-found'],

    answerTo({ path: { cluster }, query }, parts) {
      return pageOfEntries({ cluster: clusterNamed(cluster, parts).name, kinds }, query, parts);
    },
  });
}

interface Entries {
  path: string;
  id: string;
  kinds: readonly HistoryEntryKind[];
  summary: string;
}
