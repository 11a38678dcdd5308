// Serves the pages of the service for a fleet with data, and opens them in Chromium.

import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Roles } from '../../app/config/service-roles.ts';
import type { Clock } from '../../core/clock.ts';
import type { ClusterState } from '../../core/documents/cluster-status.ts';
import { createLogger } from '../../core/log.ts';
import { listen } from '../../exporter/http-server.ts';
import { createLoginRecord } from '../../service/access/login-record.ts';
import { createAccess } from '../../service/access/create-access.ts';
import { openKeptLogins, type KeptLogins } from '../../service/access/kept-logins.ts';
import { openEndedSessions } from '../../service/access/oidc/ended-sessions.ts';
import { openOperatorToken } from '../../service/access/operator-token.ts';
import { openHistory } from '../../service/history/sqlite-history.ts';
import { createPages } from '../../service/pages/router.ts';
import { createChanges } from '../../service/live/changes.ts';
import { createLiveStreams } from '../../service/live/live-streams.ts';
import { launchChromium } from '../../tools/chromium.ts';
import { startScriptedHttp } from './scripted-http.ts';
import { fillLedger, hostileName, ledgerClock, shownFleet } from './shown-fleet.ts';
import { answerOfDay } from './answer-of-day.ts';
import { fillSizing } from './shown-sizing.ts';

const inPage = fileURLToPath(new URL('in-page.js', import.meta.url));
/** Folder for pictures of the gallery; absent by default. */
export const pictures = process.env['PLIMSOLL_PICTURES'];

type ContextSettings = NonNullable<Parameters<Browser['newContext']>[0]>;

export interface OpenedPage extends AsyncDisposable {
  page: Page;
  /** Console messages and script errors. */
  complaints: string[];
  /** Requests to other servers. */
  elsewhere: string[];
  /** @returns violated rules with their locations */
  axe(): Promise<string[]>;
  picture(name: string): Promise<void>;
}

export interface ServedPages extends AsyncDisposable {
  operatorToken: string;
  /** Sets the state of a cluster, and notifies open pages. */
  stand(cluster: string, state: ClusterState): void;
  /** Ends the load test of the cluster orders, and notifies open pages. */
  endLoadTest(): void;
  /** Opens a page in a new browser context, without login or cache. */
  open(path: string, settings?: ContextSettings): Promise<OpenedPage>;
  /** Opens a page in a context shared by all pages with these settings, which starts and loads scripts once. */
  openAmongOthers(path: string, settings: ContextSettings): Promise<OpenedPage>;
}

export async function servePagesInChromium(): Promise<ServedPages> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-pages-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const history = opened.use(openHistory(join(folder, 'ledger.sqlite'), { clock: ledgerClock() }));
  fillLedger(history);
  fillSizing(history, hostileName);
  const prometheus = opened.use(await startScriptedHttp((asked, response) => void response.end(answerOfDay(asked))));
  const fleet = shownFleet(prometheus.url);
  const operatorToken = openOperatorToken(folder);
  const kept = fillLogins(folder, fleet.clock);
  const config = { ...fleet.config, roles: shownRoles };
  const access = createAccess(config, { address: '127.0.0.1:0', clock: fleet.clock, operatorToken, kept });
  const app = express().use(access.guard);
  app.get('/who', (request, response) => void response.json(access.userOf(request)));
  const changes = createChanges();
  const live = createLiveStreams({ changes, fleet: fleet.statuses.fleet, letStay: access.letStay }, { gatherMs: 100 });
  opened.defer(() => live.close());
  const logins = createLoginRecord(history, fleet.clock, kept);
  app.use(createPages({ ...fleet, history, access, logins, live }));
  const server = opened.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const origin = server.url.replace(/\/$/, '');
  const browser = opened.use(await launchChromium());
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const shared = new Map<string, Promise<BrowserContext>>();
  const contextOf = (settings: ContextSettings) => {
    const key = JSON.stringify(settings);
    const context = shared.get(key) ?? browser.newContext(settings);
    shared.set(key, context);
    return context;
  };
  const resources = opened.move();
  return {
    operatorToken: operatorToken.text,
    stand(cluster, state) {
      Object.assign(fleet.statuses.cluster(cluster) ?? {}, { state, noDataSince: undefined });
      changes.note(cluster);
    },
    endLoadTest() {
      fleet.loadTests.end();
      changes.note('orders');
    },
    async open(path, settings = {}) {
      const context = await browser.newContext(settings);
      return openPage(context, { path, origin, axe, close: () => context.close() });
    },
    async openAmongOthers(path, settings) {
      return openPage(await contextOf(settings), { path, origin, axe });
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const shownRoles = Roles.parse([
  { groups: ['sre'], role: 'operator' },
  { groups: ['orders-ops', hostileName], role: 'operator', clusters: ['orders'] },
  { groups: ['payments'], role: 'viewer', domains: ['payments'] },
]);

/** Records users who logged in each way, including one with a hostile name, and one who no longer has a role. */
function fillLogins(folder: string, clock: Pick<Clock, 'now'>): KeptLogins {
  const parts = { clock, log: createLogger('silent') };
  const kept = openKeptLogins(folder, { ...parts, ended: openEndedSessions(folder, parts) });
  const at = clock.now().getTime();
  const ends = at + 8 * 3_600_000;
  const way = 'identity-provider';
  kept.note({ name: 'sue', way, groups: ['sre'], at, session: { id: 'a', ends } });
  kept.note({ name: 'otto', way, groups: ['orders-ops'], at: at - 7_200_000, session: { id: 'b', ends } });
  kept.note({ name: 'otto', way, groups: ['orders-ops'], at, session: { id: 'c', ends } });
  kept.note({ name: hostileName, way, groups: [hostileName], session: { id: 'd', ends } });
  kept.note({ name: 'ann', way: 'password', groups: [], at });
  kept.note({ name: 'operator', way: 'operator-token', groups: [], at, session: { id: 'e', ends } });
  return kept;
}

interface Opening {
  path: string;
  origin: string;
  /** Source code of axe-core. */
  axe: string;
  /** Closes the page by default. */
  close?: () => Promise<void>;
}

async function openPage(context: BrowserContext, { path, origin, axe, close }: Opening): Promise<OpenedPage> {
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
    axe: () =>
      page.evaluate<string[]>(
        `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
          violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`,
      ),
    async picture(name) {
      if (pictures === undefined) return;
      await mkdir(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
    },
    [Symbol.asyncDispose]: close ?? (() => page.close()),
  };
}
