// Opens the pages of the service in a browser: keyboard, dark, Chinese, paper, phone, no JavaScript.

import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { listen } from '../../exporter/http-server.ts';
import { createAccess } from '../../service/access/create-access.ts';
import { openOperatorToken, type OperatorToken } from '../../service/access/operator-token.ts';
import { openLedger } from '../../service/ledger/sqlite-ledger.ts';
import { createPages } from '../../service/pages/router.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startScriptedHttp } from '../support/scripted-http.ts';
import { fillLedger, hostileName, shownFleet } from '../support/shown-fleet.ts';
import { answerOfDay } from '../support/shown-readings.ts';
import { fillSizing } from '../support/shown-sizing.ts';

const inPage = fileURLToPath(new URL('../support/in-page.js', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** Folder for pictures of the gallery; none by default. */
const pictures = process.env['PLIMSOLL_PICTURES'];

/** Buttons below charts whose picture or figures are nowhere, and charts without them. */
const deadTools = `[
  ...[...document.querySelectorAll('button[data-png]')]
    .filter(({ dataset: { png } }) => document.getElementById(png)?.matches('canvas, svg') !== true),
  ...[...document.querySelectorAll('button[data-csv]')].filter(({ dataset: { csv } }) => csvOf(csv) === ''),
  ...[...document.querySelectorAll('canvas')].filter(({ id }) => document.querySelector('[data-png="' + id + '"]') === null),
].map(({ outerHTML }) => outerHTML)`;

/** One of each build; the full matrix opens all. */
const pages = {
  fleet: '/',
  cluster: '/clusters/orders?day=2026-11-09',
  hostile: `/clusters/${encodeURIComponent(hostileName)}`,
  kafka: '/clusters/logs',
  plan: '/plans/6',
  'what-if': '/what-if?cluster=orders&messageBytes=4KiB&nic=1gbit',
  sizing: '/sizing',
  ledger: '/ledger',
  forecast: '/ledger/3',
  login: '/login',
  ...(fullMatrix && {
    group: '/clusters/orders/groups/billing',
    settings: '/clusters/logs/settings',
    topics: '/clusters/orders/topics',
    topic: '/clusters/logs/topics/order-paid',
    groups: '/clusters/orders/groups?sort=lag',
    producers: '/clusters/orders/producers',
    clients: '/clusters/logs/producers',
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

/** A screen takes seconds, so that only the full matrix opens every page on both. */
function screensOf(name: string) {
  if (fullMatrix || pictures !== undefined || name === 'fleet') return [desk, telephone];
  return Object.keys(pages).indexOf(name) % 2 === 0 ? [telephone] : [desk];
}

requires('chromium').describe('in Chromium', () => {
  const resources = new AsyncDisposableStack();
  let browser: Browser;
  let origin: string;
  let operatorToken: OperatorToken;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pages-'));
    resources.defer(() => rm(folder, { recursive: true }));
    const ledger = resources.use(openLedger(join(folder, 'ledger.sqlite'), { clock: systemClock }));
    fillLedger(ledger);
    fillSizing(ledger, hostileName);
    const prometheus = resources.use(
      await startScriptedHttp((asked, response) => void response.end(answerOfDay(asked))),
    );
    const fleet = shownFleet(prometheus.url);
    operatorToken = openOperatorToken(folder);
    const access = createAccess(fleet.config, { address: '127.0.0.1:0', clock: fleet.clock, operatorToken });
    const app = express().use(access.guard);
    app.get('/who', (request, response) => void response.json(access.userOf(request)));
    app.use(createPages({ ...fleet, ledger, access }));
    const server = resources.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
    origin = server.url.replace(/\/$/, '');
    browser = resources.use(await launchChromium());
  }, 30_000);
  afterAll(() => resources.disposeAsync());

  async function open(path: string, settings: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(settings);
    const page = await context.newPage();
    const complaints: string[] = [];
    const elsewhere: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) elsewhere.push(request.url());
    });
    await page.addInitScript({ path: inPage });
    await page.addInitScript(axe);
    await page.goto(origin + path);
    return {
      page,
      complaints,
      elsewhere,
      /** @returns rules that are broken, and where */
      axe: () =>
        page.evaluate<string[]>(
          `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
            violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
        ),
      async picture(name: string) {
        if (pictures === undefined) return;
        await mkdir(pictures, { recursive: true });
        await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
      },
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  test.each(Object.entries(pages))(
    '%s breaks no rule of axe, fits a telephone, and asks nobody else',
    async (name, path) => {
      for (const { language, ...settings } of screensOf(name)) {
        await using opened = await open(`${path}${path.includes('?') ? '&' : '?'}lang=${language}`, settings);
        expect([language, await opened.axe()]).toEqual([language, []]);
        expect(await opened.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
        const own = opened.complaints.filter((text) => !(name === 'missing' && text.includes('404')));
        expect([own, opened.elsewhere]).toEqual([[], []]);
        expect(await opened.page.evaluate<string[]>(deadTools)).toEqual([]);
        await opened.picture(`${name}-${settings.colorScheme}-${language}`);
      }
      await using silent = await open(path, { javaScriptEnabled: false });
      expect(await silent.page.locator('h1').count()).toBe(1);
      expect(await silent.page.isVisible('canvas')).toBe(false);
    },
  );

  test('from the list two links lead to what binds, who uses it and what can be done, by keyboard alone', async () => {
    await using opened = await open('/');
    const { page } = opened;
    const tabTo = async (selector: string) => {
      for (let step = 0; step < 80; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
      }
      throw new Error(`the keyboard does not reach ${selector}`);
    };
    await tabTo('a[href="/clusters/orders"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/clusters/orders');
    expect(await page.innerText('#binds')).toBe('Bottleneck');
    expect(await page.innerText('#users')).toBe('Topics and groups');
    expect(await page.innerText('#levers')).toBe('Actions');
    expect(await page.locator('[data-live="users"] th', { hasText: 'Share of bytes out' }).count()).toBe(2);
    await tabTo('.ways a[href^="/event"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/event');
    expect(await page.locator('h2', { hasText: 'orders' }).count()).toBe(1);
  });

  test('a reader logs in as operator by keyboard, and out', async () => {
    await using opened = await open('/?lang=zh');
    const { page } = opened;
    expect(await page.innerText('.visitor')).toBe('只读 · 以操作员身份登录');
    await page.click('.visitor a');
    await page.waitForURL('**/login?lang=zh');
    await page.fill('input[name=token]', 'guessed');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await page.fill('input[name=token]', operatorToken.text);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.visitor button');
    expect(await page.innerText('.visitor')).toMatch(/^operator \(操作员\)\s+退出登录$/);
    expect(await opened.axe()).toEqual([]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate("fetch('/who').then((answer) => answer.json())")).toMatchObject({ role: 'operator' });
    await page.click('.visitor button');
    await page.waitForSelector('.visitor a');
    expect(await page.evaluate("fetch('/who').then((answer) => answer.json())")).toMatchObject({ role: 'viewer' });
  });

  test('on paper there is neither a form nor a way around, and every row is there', async () => {
    await using opened = await open('/');
    await opened.page.emulateMedia({ media: 'print' });
    expect(await opened.page.isVisible('form.filter')).toBe(false);
    expect(await opened.page.locator('table.fleet tbody tr').count()).toBe(5);
  });

  test('the course of the load is drawn below the line that is safe', async () => {
    await using opened = await open('/clusters/orders');
    expect(await opened.page.isVisible('#course')).toBe(true);
    expect(await opened.page.evaluate<number>("inPage.inked('course')")).toBeGreaterThan(1000);
  });

  test('a slider moved by keyboard is answered beside what was measured, and the address says so', async () => {
    await using opened = await open('/clusters/orders?theme=dark');
    const { page } = opened;
    await page.click('.ways a[href^="/what-if"]');
    await page.waitForURL('**/what-if?cluster=orders&theme=dark');
    expect(await page.isVisible('#carried-table')).toBe(false);
    await page.focus('#slider-messageBytes');
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await page.waitForURL('**/what-if?cluster=orders&theme=dark&messageBytes=2KiB');
    await page.waitForSelector('#carried-table');
    expect(await page.inputValue('#asked-messageBytes')).toBe('2KiB');
    expect(await page.evaluate<number>("inPage.inked('limits')")).toBeGreaterThan(1000);
    expect(await page.getAttribute('.language', 'href')).toContain('messageBytes=2KiB');
    await page.fill('#asked-brokers', '1e9');
    await page.waitForSelector('#asked-brokers[aria-invalid]');
    expect(await page.innerText('#fault-brokers')).toBe('1e9 is out of range. Use 1 to 1000.');
    expect(await page.isVisible('#carried-table')).toBe(false);
    expect([await opened.axe(), opened.complaints]).toEqual([[], []]);
    await opened.picture('what-if-faulty-dark-en');
  });

  test('demand is drawn beside the safe maximum, and the reserves of each cluster open by keyboard', async () => {
    await using opened = await open('/sizing');
    const { page } = opened;
    expect(await page.evaluate<number>("inPage.inked('demand')")).toBeGreaterThan(1000);
    expect(await page.isVisible('.why h3')).toBe(false);
    await page.focus('.why summary');
    await page.keyboard.press('Enter');
    expect(await page.isVisible('.why h3')).toBe(true);
    expect([await opened.axe(), opened.complaints]).toEqual([[], []]);
    await page.emulateMedia({ media: 'print' });
    expect([await page.isVisible('.tools'), await page.isVisible('.why:last-of-type h3')]).toEqual([false, true]);
    await opened.picture('sizing-print-en');
  });

  test('without a script fields and a button ask the same', async () => {
    await using opened = await open('/what-if?cluster=orders', { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.isVisible('#slider-messageBytes')).toBe(false);
    await page.fill('#asked-messageBytes', '2KiB');
    await page.click('form.quantities button');
    expect(await page.isVisible('#carried-table')).toBe(true);
    expect(await page.isVisible('.tools[data-for]')).toBe(false);
  });

  test('a chart is taken along as a picture and as figures, whichever way it is drawn', async () => {
    await using opened = await open('/clusters/orders?day=2026-11-09');
    const { page } = opened;
    const saved = async (button: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      return readFileSync(await download.path());
    };
    for (const name of ['day-course', 'calibration-chart']) {
      const picture = await saved(`button[data-png="${name}"]`);
      expect([name, picture.subarray(1, 4).toString(), picture.length > 2000]).toEqual([name, 'PNG', true]);
    }
    const [head, first] = (await saved('button[data-csv="day-hours"]')).toString().split('\r\n');
    expect(head).toBe('Time,"Produced, msg/s","Consumed, msg/s"');
    expect(first).toMatch(/^2026-11-09T00:00:00\.000Z,\d+\.?\d*,\d+\.?\d*$/);
    expect(opened.complaints).toEqual([]);
  });

  test('colours and time zone stand in the address, and every link keeps them', async () => {
    await using opened = await open('/clusters/orders?theme=dark&tz=Asia/Shanghai');
    const { page } = opened;
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    expect(await page.innerText('main')).toContain('GMT+8');
    expect(await page.getAttribute('.sections a', 'href')).toContain('theme=dark');
  });

  if (fullMatrix) {
    test('left open for a thousand refreshes it does not grow', async () => {
      await using opened = await open('/');
      const { page } = opened;
      const session = await page.context().newCDPSession(page);
      const heap = async () => {
        await session.send('HeapProfiler.collectGarbage');
        const { nodes, jsHeapUsedSize } = await session
          .send('Memory.getDOMCounters')
          .then(async ({ nodes: count }) => ({
            nodes: count,
            jsHeapUsedSize: (await session.send('Runtime.getHeapUsage')).usedSize,
          }));
        return { nodes, bytes: jsHeapUsedSize };
      };
      const refreshed = (times: number) =>
        page.evaluate(`(async () => { for (let i = 0; i < ${times}; i++) await refresh(); })()`);
      await refreshed(20);
      const before = await heap();
      await refreshed(1000);
      const after = await heap();
      expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.1);
      expect(after.bytes).toBeLessThanOrEqual(before.bytes * 1.2 + 500_000);
    }, 120_000);
  }
});
