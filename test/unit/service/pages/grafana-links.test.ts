import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { systemClock } from '../../../../core/clock.ts';
import { dashboards } from '../../../../dashboards/grafana/registry.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createLoginRecord } from '../../../../service/access/login-record.ts';
import { createAccess } from '../../../../service/access/create-access.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createPages } from '../../../../service/pages/router.ts';
import { variablesOf } from '../../../support/dashboard-parts.ts';
import { shownFleet } from '../../../support/shown-fleet.ts';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-grafana-links-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function served(service: object) {
  const config = ServiceConfig.parse(service);
  const resources = new AsyncDisposableStack();
  const history = resources.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock });
  const logins = createLoginRecord(history, systemClock);
  const app = express()
    .use(access.guard)
    .use(createPages({ ...shownFleet(), history, config, access, logins, clock: systemClock }));
  const server = resources.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  return {
    ask: (path: string) => fetch(new URL(path, server.url), { redirect: 'manual' }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const linksIn = (page: string) =>
  [...page.matchAll(/href="(https:\/\/grafana[^"]*)"/g)].map(([, url = '']) => new URL(url.replaceAll('&amp;', '&')));

test.each([
  ['/', 'plimsoll-fleet', {}],
  ['/event', 'plimsoll-promotion', {}],
  ['/gc?cluster=orders&broker=broker-a:0', 'plimsoll-jvm', { host: 'mq-1' }],
  ['/clusters/orders', 'plimsoll-capacity', { cluster: 'orders' }],
  ['/clusters/orders/brokers/broker-a:0', 'plimsoll-rocketmq', { cluster: 'orders' }],
  ['/clusters/logs/brokers/1', 'plimsoll-kafka', { cluster: 'logs' }],
  ['/clusters/orders/groups', 'plimsoll-lag', { cluster: 'orders' }],
  ['/clusters/orders/groups/billing', 'plimsoll-lag', { cluster: 'orders', consumergroup: 'billing' }],
])('%s links to the dashboard %s, which defines the variables in the link', async (path, uid, variables) => {
  await using service = await served({ grafanaUrl: 'https://grafana.example/base/' });
  const links = linksIn(await (await service.ask(path)).text());
  expect(links.map(({ pathname }) => pathname)).toEqual([`/base/d/${uid}`]);
  const set = Object.fromEntries(links[0]?.searchParams ?? []);
  expect(set).toEqual(Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value])));
  const dashboard = dashboards.find((each) => each.uid === uid);
  const names = dashboard === undefined ? [] : variablesOf(dashboard).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(variables)));
});

test('without a configured Grafana no page links there', async () => {
  await using service = await served({});
  const page = await (await service.ask('/clusters/orders')).text();
  expect(page).toContain('orders');
  expect(page).not.toContain('Grafana');
});

test.each([
  ['?var-cluster=orders', '/p/clusters/orders'],
  ['?var-cluster=orders&lang=zh', '/p/clusters/orders?lang=zh'],
  ['?var-cluster=orders&var-consumergroup=billing&var-topic=All', '/p/clusters/orders/groups/billing'],
  ['?var-cluster=orders&var-consumergroup=All&var-topic=order-paid', '/p/clusters/orders/topics/order-paid'],
  ['?var-cluster=orders&var-consumergroup=a&var-consumergroup=b&var-topic=gone', '/p/clusters/orders'],
  ['?var-cluster=orders&var-cluster=logs&var-consumergroup=billing', '/p/'],
  ['?var-cluster=All', '/p/'],
  ['?var-cluster=//elsewhere.example', '/p/'],
  ['', '/p/'],
])('a dashboard link with the selection %s leads to %s', async (selection, location) => {
  await using service = await served({ pathPrefix: '/p' });
  const answer = await service.ask(`/clusters${selection}`);
  expect([answer.status, answer.headers.get('location')]).toEqual([302, location]);
});
