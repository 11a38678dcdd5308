// Opens the run page in a browser: charts, no JavaScript, keyboard, contrast and screen reader.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWebRouter } from '../../dashboards/web/page.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { analysisNames, readAnalysis } from '../support/analyses.ts';
import { requires } from '../support/prerequisites.ts';

const inPage = fileURLToPath(new URL('../support/in-page.js', import.meta.url));

requires('chromium').describe('in Chromium', () => {
  const whole = readAnalysis('load-test');
  const even = whole.steps.map((step, index) => {
    const slow = 10.1 + index / 10;
    return { ...step, latencySeconds: { p50: 10.1, p99: slow, p999: slow, max: slow } };
  });
  const runs = [
    ...analysisNames.map((name) => ({ id: name, analysis: readAnalysis(name) })),
    { id: 'even-latency', analysis: { ...whole, steps: even } },
  ];
  const server = createServer(express().use(createWebRouter({ listRuns: async () => runs })));
  let browser: Browser;
  let origin: string;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchChromium();
  }, 30_000);
  afterAll(async () => {
    await browser.close();
    server.close();
  });

  async function open(path: string, settings: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext(settings);
    const page = await context.newPage();
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
    await page.addInitScript({ path: inPage });
    await page.goto(origin + path);
    return { page, complaints, asked, [Symbol.asyncDispose]: () => context.close() };
  }

  test('draws both charts, without violations of the content policy or requests to other servers', async () => {
    await using opened = await open('/runs/load-test');
    for (const id of ['latency', 'utilisation']) {
      expect(await opened.page.isVisible(`#${id}`)).toBe(true);
      expect(await opened.page.evaluate<number>(`inPage.inked('${id}')`)).toBeGreaterThan(1000);
    }
    expect(opened.complaints).toEqual([]);
    expect(opened.asked.filter((url) => !url.startsWith(origin))).toEqual([]);
  });

  test('the axis of nearly equal latencies has labels and a range wider than the values', async () => {
    await using opened = await open('/runs/even-latency');
    const [from, to, figures] = await opened.page.evaluate<[number, number, string[]]>(
      `(({ min, max, ticks }) => [min, max, ticks.map(({ label }) => label).filter((label) => label !== '')])(
        Chart.getChart('latency').scales.y)`,
    );
    expect(figures).toEqual(['10 s', '20 s']);
    expect([from < 6, to > 20]).toEqual([true, true]);
  });

  test('labels of the load axis do not overlap on a phone', async () => {
    await using opened = await open('/runs/load-test', { viewport: { width: 390, height: 800 } });
    const gaps = await opened.page.evaluate<number[]>(
      `((scale) => {
        const half = ({ label }) => scale.ctx.measureText(label).width / 2;
        const at = (index) => scale.getPixelForTick(index);
        return scale.ticks
          .slice(1)
          .map((tick, index) => at(index + 1) - at(index) - half(tick) - half(scale.ticks[index]));
      })(Chart.getChart('latency').scales.x)`,
    );
    expect(Math.min(...gaps)).toBeGreaterThan(8);
  });

  test('without JavaScript the tables contain all data, and no empty chart is visible', async () => {
    await using opened = await open('/runs/load-test', { javaScriptEnabled: false });
    expect(await opened.page.isVisible('canvas')).toBe(false);
    expect(await opened.page.locator('#steps ~ .scroll tbody tr').count()).toBe(6);
    expect(await opened.page.getByText('saturated: network-out of broker 2').isVisible()).toBe(true);
    expect(await opened.page.locator('.card.safe .figure').innerText()).toContain('21,841');
  });

  test.each([320, 1280])('at %i px only tables scroll sideways', async (width) => {
    for (const path of ['/', ...analysisNames.map((name) => `/runs/${name}`)]) {
      await using opened = await open(path, { viewport: { width, height: 800 } });
      expect(await opened.page.evaluate<number>('inPage.overflow()'), path).toBeLessThanOrEqual(0);
    }
  });

  test('the keyboard reaches content, links, tables and notes, with a visible focus', async () => {
    await using opened = await open('/runs/load-test');
    const reached: string[] = [];
    for (let press = 0; press < 24; press++) {
      await opened.page.keyboard.press('Tab');
      reached.push(await opened.page.evaluate<string>('inPage.focused()'));
    }
    expect(reached[0]).toContain('a.skip');
    for (const wanted of ['a.home', 'a.language', 'summary', 'div.scroll']) {
      expect(
        reached.find((place) => place.startsWith(wanted)),
        wanted,
      ).toMatch(/ (solid|auto)$/);
    }
  });

  test.each(['light', 'dark'] as const)(
    'text has a contrast ratio of at least 4.5 in the %s color scheme',
    async (colorScheme) => {
      await using opened = await open('/runs/load-test', { colorScheme });
      const ratios = await opened.page.evaluate<{ text: string; ratio: number }[]>('inPage.contrasts()');
      expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
      expect(ratios.length).toBeGreaterThan(50);
    },
  );

  test('a screen reader gets one main heading, section headings and names of charts', async () => {
    await using opened = await open('/runs/load-test');
    const page = opened.page;
    expect(await page.locator('h1').count()).toBe(1);
    expect(await page.getByRole('main').count()).toBe(1);
    for (const name of [
      'Findings',
      'Latency by load',
      'Steps',
      'Resources',
      'Cluster rate at the limit of each broker',
    ]) {
      expect(await page.getByRole('heading', { level: 2, name, exact: true }).count(), name).toBe(1);
    }
    expect(await page.getByRole('img', { name: 'Latency by load' }).count()).toBe(1);
    expect(await page.locator('th:not([scope])').count()).toBe(0);
  });
});
