// Serves the page of producers that brokers report.

import type { RequestHandler } from 'express';
import type { Producer } from '../../brokers/lookup.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { readListQuery, selectRows } from '../../dashboards/web/cluster/list-query.ts';
import {
  renderProducersPage,
  type ProducerRow,
  type ProducersContent,
} from '../../dashboards/web/cluster/producers-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { readClientSoftware } from '../clusters/client-software.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { mapAnswer, type Lookups } from '../clusters/lookups.ts';
import { pageOfCluster } from './served-page.ts';

export function createProducersPage(
  { clusters, lookups }: Pick<ServiceParts, 'clusters'> & { lookups: Lookups },
  site: Site,
): RequestHandler {
  return pageOfCluster(clusters, site, async (served, view) => {
    const query = readListQuery(view.query, ['name']);
    const [answer, software] = await Promise.all([
      producersAnswer(served, query, lookups),
      softwareAnswer(served, lookups),
    ]);
    const content = { cluster: served.name, query, answer, ...(software && { software }) };
    return renderProducersPage(content, view);
  });
}

export async function producersAnswer(
  served: ServedCluster,
  query: ProducersContent['query'],
  lookups: Lookups,
): Promise<ProducersContent['answer']> {
  if (!traitsOf(served.broker).clients.producers) return { kind: 'not-kept' };
  const answer = await lookups.ask(served, 'producers', (lookup, io) => lookup.producers(io));
  if (answer.kind === 'answered' && answer.value.kind === 'unanswered') return answer.value;
  return mapAnswer(answer, (lookup) => {
    const { producers, notices } = lookup.kind === 'answered' ? lookup.value : { producers: [], notices: [] };
    const rows = producerRows(producers.filter(({ group }) => isAllowed(group, served.shown.groups)));
    const namesOf = ({ group, clientId, address }: ProducerRow) => [group, clientId, address];
    return { page: selectRows(rows, query, namesOf, { name: () => 0 }), notices };
  });
}

export async function softwareAnswer(served: ServedCluster, lookups: Lookups): Promise<ProducersContent['software']> {
  const { source, broker } = served;
  if (traitsOf(broker).clients.producers || source?.config.kind !== 'prometheus') return undefined;
  const question = { source: source.config, cluster: source.cluster };
  return lookups.askSource(served, 'client software', (io) => readClientSoftware(question, io));
}

/** Groups by client: a client of a group is one row, although each of its connections has another port. */
function producerRows(producers: readonly Producer[]): ProducerRow[] {
  const rows = new Map<string, ProducerRow & { brokers: string[] }>();
  for (const { broker, ...producer } of producers) {
    const key = `${producer.group}\0${producer.clientId}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { ...producer, brokers: [broker] });
    else if (!row.brokers.includes(broker)) row.brokers.push(broker);
  }
  return [...rows.values()];
}
