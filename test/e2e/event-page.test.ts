// Opens the page for the event day in a browser: dark mode, phone, print and screen reader.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSiteRouter } from '../../dashboards/web/site.ts';
import { createEventPage } from '../../service/pages/event.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { eventParts } from '../support/event-day.ts';
import { requires } from '../support/prerequisites.ts';

const inPage = fileURLToPath(new URL('../support/in-page.js', import.meta.url));

requires('chromium').describe('the page of the event day', () => {
  const sections = [{ path: '/event', title: { en: 'Event day', zh: 'Event day' } }];
  const app = express()
    .use(createSiteRouter())
    .get('/event', createEventPage(eventParts, { prefix: '', sections }));
  const server = createServer(app);
  let browser: Browser;
  let origin: string;
  let axe: string;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    browser = await launchChromium();
  }, 30_000);
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function open(query: string, settings: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(settings);
    const page = await context.newPage();
    await page.addInitScript({ path: inPage });
    await page.goto(`${origin}/event${query}`);
    return { page, [Symbol.asyncDispose]: () => context.close() };
  }

  test.each([
    ['light', ''],
    ['dark', '?lang=zh'],
  ] as const)('axe finds no violation in the %s color scheme', async (colorScheme, query) => {
    // The page's content security policy blocks the checker, which is itself a script.
    await using opened = await open(query, { colorScheme, bypassCSP: true });
    await opened.page.evaluate(axe);
    const violations = await opened.page.evaluate<string[]>(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))',
    );
    expect(violations).toEqual([]);
  });

  test('shows predicted times without JavaScript, and at 360 px only tables scroll sideways', async () => {
    await using plain = await open('', { javaScriptEnabled: false });
    expect(await plain.page.getByText('50% within 1 h').isVisible()).toBe(true);
    await using phone = await open('', { viewport: { width: 360, height: 800 } });
    expect(await phone.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
  });

  test('the keyboard reaches the scrolling tables, with a visible focus', async () => {
    await using opened = await open('');
    const reached: string[] = [];
    for (let press = 0; press < 10; press++) {
      await opened.page.keyboard.press('Tab');
      reached.push(await opened.page.evaluate<string>('inPage.focused()'));
    }
    expect(reached.find((place) => place.startsWith('div.scroll'))).toMatch(/ (solid|auto)$/);
  });

  test('a printout keeps the actions and their commands', async () => {
    await using opened = await open('');
    await opened.page.emulateMedia({ media: 'print' });
    expect(await opened.page.locator('.lever code').first().isVisible()).toBe(true);
    expect(await opened.page.locator('a.skip').isVisible()).toBe(false);
  });
});
