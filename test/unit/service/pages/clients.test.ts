import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { topicOwners } from '../../../../service/pages/clients.ts';

const owners = (cluster: string, domains: object, ...topics: readonly string[]) =>
  topicOwners(cluster, ServiceConfig.parse({ domains }).domains)(topics);

const shop = { cluster: 'orders', topics: ['order-*', 'refunds'], owners: ['ann', 'shop-oncall'] };

test('the domains whose patterns match a topic own a client that uses it', () => {
  const domains = { shop, logistics: { cluster: 'orders', topics: ['parcel-*'] } };
  expect(owners('orders', domains, 'order-paid')).toEqual(['shop (ann, shop-oncall)']);
  expect(owners('orders', domains, 'order-paid', 'parcel-sent')).toEqual(['shop (ann, shop-oncall)', 'logistics']);
  expect(owners('orders', domains, 'clicks')).toEqual([]);
});

test('a domain alone on its cluster owns all topics of it, and none of another cluster', () => {
  const domains = { shop: { cluster: 'orders' } };
  expect(owners('orders', domains, 'anything')).toEqual(['shop']);
  expect(owners('logs', domains, 'anything')).toEqual([]);
});

test('of several domains those without patterns own nothing that is known', () => {
  const domains = { shop, other: { cluster: 'orders' } };
  expect(owners('orders', domains, 'clicks')).toEqual([]);
});
