// Opens every page of the service in a browser: accessibility, dark mode, Chinese, phone, no JavaScript.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { pictures, servePagesInChromium, type ServedPages } from '../support/pages-in-chromium.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { hostileName } from '../support/shown-fleet.ts';
import { pages as registered } from '../../service/pages/registry.ts';

/** Buttons below charts that lack the picture or figures, and charts without buttons. */
const deadTools = `[
  ...[...document.querySelectorAll('button[data-png]')]
    .filter(({ dataset: { png } }) => document.getElementById(png)?.matches('canvas, svg') !== true),
  ...[...document.querySelectorAll('button[data-csv]')].filter(({ dataset: { csv } }) => csvOf(csv) === ''),
  ...[...document.querySelectorAll('canvas')].filter(({ id }) => document.querySelector('[data-png="' + id + '"]') === null),
].map(({ outerHTML }) => outerHTML)`;

/** Inline scripts that are not data. */
const injected = `[...document.scripts].filter(({ src, type }) => src === '' && type !== 'application/json')
  .map(({ outerHTML }) => outerHTML)`;

/** One page of each template; the full matrix opens all. */
const pages = {
  fleet: '/',
  cluster: '/clusters/orders?day=2026-11-09',
  hostile: `/clusters/${encodeURIComponent(hostileName)}`,
  plan: '/plans/6',
  'what-if': '/what-if?cluster=orders&messageBytes=4KiB&nic=1gbit',
  blastRadius: '/sizing/12/blast-radius?world=high&for=7200',
  instances: '/instances',
  login: '/login',
  ...(fullMatrix && {
    clients: '/clusters/logs/clients',
    loadTest: '/clusters/orders/load-test',
    history: '/ledger',
    help: '/help',
    kafka: '/clusters/logs',
    clientsOfRocketmq: '/clusters/orders/clients',
    search: '/search?q=order',
    forecast: '/ledger/3',
    sizing: '/sizing',
    group: '/clusters/orders/groups/billing',
    settings: '/clusters/logs/settings',
    topics: '/clusters/orders/topics',
    topic: '/clusters/logs/topics/order-paid',
    groups: '/clusters/orders/groups?sort=lag',
    producers: '/clusters/orders/producers',
    software: '/clusters/logs/producers',
    broker: '/clusters/logs/brokers/3',
    event: '/event',
    plans: '/plans',
    gc: '/gc?cluster=orders&broker=broker-a:0',
    gcOverview: '/gc?cluster=orders',
    gcClusters: '/gc',
    gcUnread: '/gc?cluster=orders&broker=broker-a:1',
    undone: '/plans/7',
    unsized: '/plans/8',
    scaleIn: '/plans/9',
    sized: '/plans/10',
    tests: '/tests?left=1&right=2',
    verdict: '/ledger/1',
    missing: '/nowhere',
  }),
} as const;

const desk = { language: 'en', colorScheme: 'light' } as const;
const telephone = { language: 'zh', colorScheme: 'dark', viewport: { width: 360, height: 740 } } as const;

/** A screen takes seconds, so only the full matrix opens every page on both. */
function screensOf(name: string) {
  if (fullMatrix || pictures !== undefined || name === 'fleet') return [desk, telephone];
  return Object.keys(pages).indexOf(name) % 2 === 0 ? [telephone] : [desk];
}

requires('chromium').describe('in Chromium', () => {
  let served: ServedPages;

  beforeAll(async () => {
    served = await servePagesInChromium();
  }, 30_000);
  afterAll(() => served?.[Symbol.asyncDispose]());

  test.each(Object.entries(pages))(
    '%s: axe finds no violation, a phone shows it without overflow, and no other server gets a request',
    async (name, path) => {
      for (const { language, ...settings } of screensOf(name)) {
        await using opened = await served.openAmongOthers(
          `${path}${path.includes('?') ? '&' : '?'}lang=${language}`,
          settings,
        );
        expect([language, await opened.axe()]).toEqual([language, []]);
        expect(await opened.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
        const own = opened.complaints.filter((text) => !(name === 'missing' && text.includes('404')));
        expect([own, opened.elsewhere]).toEqual([[], []]);
        expect(await opened.page.evaluate<string[]>(deadTools)).toEqual([]);
        const visible = await opened.page.innerText('main');
        if (language === 'zh') expect(visible.match(/.*\p{Script=Han}:.*/gu)).toBeNull();
        await opened.picture(`${name}-${settings.colorScheme}-${language}`);
      }
      await using silent = await served.openAmongOthers(path, { javaScriptEnabled: false });
      expect(await silent.page.locator('h1').count()).toBe(1);
      expect(await silent.page.isVisible('canvas')).toBe(false);
    },
  );

  test('shows hostile names as text on every registered page, without cut text or overflow on a phone', async () => {
    const name = encodeURIComponent(hostileName);
    /** Paths with parameters, and pages that are opened in several ways; all others are opened as registered. */
    const listed: Readonly<Record<string, readonly string[]>> = {
      '/': ['/', `/?q=${name}`],
      '/plans': ['/plans', `/plans?cluster=${name}`],
      '/plans/:id': ['/plans/6', '/plans/7', '/plans/8', '/plans/9', '/plans/10'],
      '/sizing/:id/blast-radius': ['/sizing/14/blast-radius?world=high&for=7200'],
      '/ledger': ['/ledger', `/ledger?cluster=${name}`],
      '/ledger/:id': ['/ledger/1', '/ledger/5', '/ledger/8'],
      '/clusters/:cluster': [`/clusters/${name}`, '/clusters/orders'],
      '/clusters/:cluster/topics': [`/clusters/${name}/topics`, `/clusters/orders/topics?q=${name}`],
      '/clusters/:cluster/topics/:topic': [`/clusters/orders/topics/${name}`],
      '/clusters/:cluster/topics/:topic/messages': [`/clusters/orders/topics/${name}/messages`],
      '/clusters/:cluster/groups': ['/clusters/orders/groups'],
      '/clusters/:cluster/groups/:group': [`/clusters/orders/groups/${name}`],
      '/clusters/:cluster/clients': [`/clusters/${name}/clients`, '/clusters/orders/clients', '/clusters/logs/clients'],
      '/clusters/:cluster/producers': ['/clusters/orders/producers'],
      '/clusters/:cluster/settings': ['/clusters/orders/settings'],
      '/clusters/:cluster/load-test': ['orders', 'logs', 'waybills', name].map(
        (cluster) => `/clusters/${cluster}/load-test?rates=30000`,
      ),
      '/clusters/:cluster/brokers/:broker': ['/clusters/logs/brokers/3'],
      '/what-if': ['/what-if', `/what-if?cluster=${name}`],
      '/gc': ['/gc', `/gc?cluster=${name}`],
      '/search': ['/search', `/search?q=${name}`],
    };
    const others = new Set([
      '/clusters/:cluster/topics/:topic/messages/tail',
      '/plans/:id/plan.json',
      '/plans/:id/rollback.json',
      '/ledger.csv',
      '/clusters',
      '/go',
    ]);
    const opened = registered
      .map(({ path }) => path)
      .filter((path) => !others.has(path))
      .flatMap((path) => listed[path] ?? [path]);
    expect(opened.filter((path) => path.includes('/:'))).toEqual([]);
    const extraHTTPHeaders = { Authorization: `Bearer ${served.operatorToken}` };
    await using one = await served.openAmongOthers('/nowhere', { ...telephone, extraHTTPHeaders });
    for (const path of opened) {
      await one.page.goto(new URL(path, one.page.url()).href);
      expect([path, await one.page.evaluate<number>('inPage.overflow()')]).toEqual([path, 0]);
      expect([path, await one.page.evaluate<string[]>('inPage.cut()')]).toEqual([path, []]);
      expect([path, await one.page.evaluate<string[]>(injected)]).toEqual([path, []]);
      expect([path, one.complaints.filter((text) => !text.includes('404'))]).toEqual([path, []]);
    }
  });

  test('the access review passes axe, fits a phone, and can end the sessions of a person', async () => {
    const extraHTTPHeaders = { Authorization: `Bearer ${served.operatorToken}` };
    for (const { language, ...settings } of fullMatrix || pictures !== undefined ? [desk, telephone] : [telephone]) {
      await using opened = await served.openAmongOthers(`/people?lang=${language}`, { ...settings, extraHTTPHeaders });
      expect(await opened.axe()).toEqual([]);
      expect(await opened.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
      expect(opened.complaints).toEqual([]);
      await opened.picture(`people-${settings.colorScheme}-${language}`);
    }
    await using opened = await served.open('/people', { extraHTTPHeaders });
    const form = (name: string) => opened.page.locator(`main form:has(input[name=name][value="${name}"]) button`);
    expect(await form('ann').count()).toBe(0);
    await form('otto').click();
    await expect.poll(() => form('otto').count()).toBe(0);
    expect(await form('sue').count()).toBe(1);
  });

  test('the messages of a topic with one opened value pass axe and fit a phone', async () => {
    const extraHTTPHeaders = { Authorization: `Bearer ${served.operatorToken}` };
    for (const { language, ...settings } of fullMatrix || pictures !== undefined ? [desk, telephone] : [telephone]) {
      const path = `/clusters/orders/topics/order-paid/messages?lang=${language}&show=broker-a%3A0@4280007`;
      await using opened = await served.openAmongOthers(path, { ...settings, extraHTTPHeaders });
      expect(await opened.axe()).toEqual([]);
      expect(await opened.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
      expect(await opened.page.locator('#message pre').count()).toBe(1);
      expect(opened.complaints).toEqual([]);
      await opened.picture(`messages-${settings.colorScheme}-${language}`);
    }
  });
});
