// Serves the use of the bottleneck by each client of a cluster, from the last reading and a sample of messages.

import type { RequestHandler } from 'express';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { costOfClients } from '../../app/observe/client-cost.ts';
import { countedUse } from '../../app/observe/counted-clients.ts';
import { busiestTopics } from '../../app/observe/measured-load.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';
import type { ClientCosts } from '../../core/client-cost.ts';
import { domainPatterns } from '../../core/domain-patterns.ts';
import {
  renderClientsPage,
  type ClientsAnswer,
  type ClientsContent,
} from '../../dashboards/web/cluster/clients-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { isAllowed, matchesAny } from '../../exporter/name-filter.ts';
import type { Lookups } from '../clusters/lookups.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { pageOfCluster } from './served-page.ts';

export type ClientsParts = Pick<ServiceParts, 'clusters' | 'statuses'> & {
  config: Pick<ServiceParts['config'], 'domains'>;
  lookups: Lookups;
};

/** Topics with the highest rates; the first ones that fit into a sample are read. */
const mostTopics = 20;
const mostClients = 100;
const smallBatch = 10;
/** Share of the safe maximum below which changing a client is not useful. */
const leastSmallBatches = 0.01;

export function createClientsPage(parts: ClientsParts, site: Site): RequestHandler {
  return pageOfCluster(parts.clusters, site, async (served, view) => {
    const content = await clientsContent(served, parts);
    return content && renderClientsPage(content, view);
  });
}

export async function clientsContent(served: ServedCluster, parts: ClientsParts): Promise<ClientsContent | undefined> {
  const status = parts.statuses.cluster(served.name);
  if (status === undefined) return undefined;
  const load = served.traffic();
  const [last, wanted] = [served.last(), load === undefined ? [] : busiestTopics(load, mostTopics)];
  if (last === undefined || load === undefined) return { status, answer: noRates };
  const answer = await parts.lookups.ask(served, 'clients', async (lookup, io) => {
    const [sample, counts] = await Promise.all([lookup.sampleProducers(wanted, io), lookup.clientCounts(io)]);
    return { sample, ...(counts.kind === 'answered' && { counts: counts.value }) };
  });
  if (answer.kind === 'unanswered') return { status, answer };
  const { sample, counts } = answer.value;
  const limit = bindingLimit(status);
  const { clients, ...costs } = costOfClients({
    limit,
    snapshot: last.snapshot,
    load,
    sample,
    ...(status.headroom !== undefined && { loadOfSafeMax: 1 - status.headroom }),
  });
  const ownersOf = topicOwners(served.name, parts.config.domains);
  const small = smallBatchesOf(clients);
  const shownGroups = (groups: readonly string[] = []) =>
    groups.filter((group) => isAllowed(group, served.shown.groups));
  return {
    status,
    answer: {
      ...answer,
      value: {
        costs,
        clients: clients.slice(0, mostClients).map(({ groups, ...client }) => ({
          ...client,
          ...(groups && { groups: shownGroups(groups) }),
          owners: ownersOf(client.topics),
        })),
        more: Math.max(0, clients.length - mostClients),
        sampledTopics: sample.topics.length,
        ...(small && { smallBatches: small }),
        ...(counts && {
          counted: countedUse(counts.clients, { limit, loadOfSafeMax: costs.loadOfSafeMax }).slice(0, mostClients),
        }),
        ...(counts?.clients.length === 0 && { countCommand: countCommand(served) }),
        notices: [...sample.notices, ...(counts?.notices ?? [])],
      },
    },
  };
}

const noRates: ClientsContent['answer'] = {
  kind: 'unanswered',
  reason: 'rates need two readings of the cluster',
  reasonZh: '计算速率需要对该集群读取两次',
};

/** @returns domains on the cluster whose patterns match one of the topics, in the order of the config */
export function topicOwners(
  cluster: string,
  domains: ClientsParts['config']['domains'],
): (topics: readonly string[]) => string[] {
  const own = Object.entries(domains).flatMap(([name, { cluster: of, owners }]) =>
    of === cluster ? [{ name, owners, patterns: domainPatterns(name, domains) ?? [] }] : [],
  );
  return (topics) =>
    own.flatMap(({ name, owners, patterns }) =>
      topics.some((topic) => matchesAny(topic, patterns))
        ? [owners === undefined ? name : `${name} (${owners.join(', ')})`]
        : [],
    );
}

function smallBatchesOf(clients: ClientCosts['clients']): ClientsAnswer['smallBatches'] {
  const small = clients.filter(
    ({ messagesPerRequest, shareOfSafeMax }) =>
      messagesPerRequest !== undefined && messagesPerRequest < smallBatch && shareOfSafeMax !== undefined,
  );
  const share = small.reduce((sum, { shareOfSafeMax = 0 }) => sum + shareOfSafeMax, 0);
  return share < leastSmallBatches ? undefined : { clients: small, shareOfSafeMax: share };
}

/** Sets a quota that no broker reaches, because brokers count clients only while a quota exists. */
const countCommand = ({ name }: ServedCluster): string =>
  `plimsoll ops kafka alter-quotas --cluster ${quotedWord(name)} --default-client --set producer_byte_rate=1000000000000 --set consumer_byte_rate=1000000000000 --set request_percentage=1000000`;
