import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { renderClientsPage } from '../../../../dashboards/web/cluster/clients-page.ts';
import { createView } from '../../../../dashboards/web/view.ts';
import { clientsContent, topicOwners, type ClientsParts } from '../../../../service/pages/clients.ts';
import { servedCluster, statusOf } from '../../../support/served-api.ts';

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
  const parts = { statuses: { cluster: statusOf }, config: ServiceConfig.parse({}) } as unknown as ClientsParts;
  const content = await clientsContent(servedCluster('orders'), parts);
  if (content === undefined) throw new Error('no content');
  const view = createView({ prefix: '', path: '/clusters/orders/clients', query: new URLSearchParams(), accepted });
  expect(renderClientsPage(content, view)).toContain(text);
});
