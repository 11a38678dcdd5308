// Renders a dashboard of a running Grafana in Chromium, and reads the content of each panel.

import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';

const readPanels = fileURLToPath(new URL('read-panels.js', import.meta.url));

export interface DrawnPanel {
  id: number;
  /** Visible text, including the title. */
  text: string;
  hasError: boolean;
  /** True if it shows a graph, a table row or a figure. */
  isFilled: boolean;
}

export interface Drawing {
  panels: readonly DrawnPanel[];
  /** Titles and addresses of the links next to the variables. */
  links: readonly { text: string; href: string }[];
  /** Failed queries and script errors. */
  complaints: readonly string[];
}

interface Request {
  /** Address of Grafana, without trailing slash. */
  url: string;
  uid: string;
  fromMs: number;
  toMs: number;
  /** Height in rows of Grafana's grid: everything is rendered at once, because Grafana only renders visible panels. */
  rows: number;
  /** Path of the PNG file. */
  picture: string;
}

const width = 1500;
/** Height of a grid row in pixels, including its gap. */
const rowPixels = 38;
/** Height above the grid: Grafana's bar, and variables. */
const headPixels = 260;
const gapPixels = 16;
const quietMs = 2500;
const mostMs = 90_000;

export async function drawDashboard(
  browser: Browser,
  { url, uid, fromMs, toMs, rows, picture }: Request,
): Promise<Drawing> {
  const height = rows * rowPixels + headPixels;
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light', timezoneId: 'UTC' });
  await page.addInitScript({ path: readPanels });
  const complaints: string[] = [];
  let pending = 0;
  let lastAt = Date.now();
  const isQuery = (address: string) => /\/api\/(?:ds\/query|datasources\/)/.test(address);
  const over = (address: string) => {
    if (!isQuery(address)) return;
    pending -= 1;
    lastAt = Date.now();
  };
  page.on('request', (request) => {
    if (!isQuery(request.url())) return;
    pending += 1;
    lastAt = Date.now();
  });
  page.on('requestfinished', (request) => over(request.url()));
  page.on('requestfailed', (request) => over(request.url()));
  page.on('response', (response) => {
    if (response.status() >= 400 && isQuery(response.url())) complaints.push(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const query = new URLSearchParams({ orgId: '1', from: String(fromMs), to: String(toMs), theme: 'light' });
  await page.goto(`${url}/d/${uid}?${query.toString()}`, { waitUntil: 'load', timeout: mostMs });
  await page.waitForSelector('[data-panelid], [data-viz-panel-key]', { timeout: mostMs });
  const end = Date.now() + mostMs;
  while (Date.now() < end && (pending > 0 || Date.now() - lastAt < quietMs)) await page.waitForTimeout(250);
  const { panels, links, bottom } = await page.evaluate<Pick<Drawing, 'panels' | 'links'> & { bottom: number }>(
    'readPanels()',
  );
  // Folded rows leave empty space below.
  await page.screenshot({ path: picture, clip: { x: 0, y: 0, width, height: Math.min(height, bottom + gapPixels) } });
  await page.close();
  return { panels, links, complaints };
}
