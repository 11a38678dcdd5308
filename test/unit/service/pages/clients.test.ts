import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { renderClientsPage } from '../../../../dashboards/web/cluster/clients-page.ts';
import type { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import { createLookups } from '../../../../service/clusters/lookups.ts';
import type { ServedCluster } from '../../../../service/parts.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { clientsContent, topicOwners, type ClientsParts } from '../../../../service/pages/clients.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster, statusOf } from '../../../support/served-api.ts';
import { shownReading } from '../../../support/shown-readings.ts';

async function pageOf(served: ServedCluster, status: ClusterStatus, accepted: string): Promise<string> {
  const lookups = createLookups(createHandClock());
  const config = ServiceConfig.parse({});
  const parts = { statuses: { cluster: () => status }, config, lookups } as unknown as ClientsParts;
  const content = await clientsContent(served, parts);
  if (content === undefined) throw new Error('no content');
  const view = createView({ prefix: '', path: '/clusters/logs/clients', query: new URLSearchParams(), accepted });
  return renderClientsPage(content, view);
}

const owners = (cluster: string, domains: object, ...topics: readonly string[]) =>
  topicOwners(cluster, ServiceConfig.parse({ domains }).domains)(topics);

const shop = { cluster: 'orders', topics: ['order-*', 'refunds'], owners: ['ann', 'shop-oncall'] };

test('the domains whose patterns match a topic own a client that uses it', () => {
  const domains = { shop, logistics: { cluster: 'orders', topics: ['parcel-*'] } };
  expect(owners('orders', domains, 'order-paid')).toEqual(['shop (ann, shop-oncall)']);
  expect(owners('orders', domains, 'order-paid', 'parcel-sent')).toEqual(['shop (ann, shop-oncall)', 'logistics']);
  expect(owners('orders', domains, 'clicks')).toEqual([]);
});

test('the only domain of a cluster owns all its topics, and none of another cluster', () => {
  const domains = { shop: { cluster: 'orders' } };
  expect(owners('orders', domains, 'anything')).toEqual(['shop']);
  expect(owners('logs', domains, 'anything')).toEqual([]);
});

test('with several domains, a domain without patterns owns no topic', () => {
  const domains = { shop, other: { cluster: 'orders' } };
  expect(owners('orders', domains, 'clicks')).toEqual([]);
});

test.each([
  ['en', '<span lang="en">rates need two readings of the cluster</span>'],
  ['zh', '<bdi>计算速率需要对该集群读取两次</bdi>'],
] as const)('before the second reading, the page in %s explains what rates need', async (accepted, text) => {
  expect(await pageOf(servedCluster('orders'), statusOf('orders'), accepted)).toContain(text);
});

test.each([
  ['en', /Producers with fewer than 10 messages per request use [\d.]+% of the safe maximum .*?: producer id 7001 </],
  ['en', /Kafka does not report the client of a producer id: search client logs/],
  ['zh', /每请求少于 10 条消息的生产者合计占安全上限的 [\d.]+%.*?：生产者 ID 7001 </],
] as const)(
  'the page in %s names producers with small requests, and how to find their client',
  async (accepted, text) => {
    const served = servedCluster('logs', shownReading('logs', 'kafka', 'x'));
    const page = await pageOf(served, statusOf('logs', { headroom: 0.4 }), accepted);
    expect(page.replaceAll(/<\/?bdi[^>]*>/g, '').replaceAll(/\s+/g, ' ')).toMatch(text);
  },
);
