import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { createLogger } from '../../../../core/log.ts';
import { listen } from '../../../../exporter/http-server.ts';
import type { WatchedWebConfig } from '../../../../exporter/http/web-config-file.ts';
import { createAccess } from '../../../../service/access/create-access.ts';
import { openOperatorToken } from '../../../../service/access/operator-token.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { signLink } from '../../../../service/hooks/acknowledge-link.ts';
import { createHooksRouter } from '../../../../service/hooks/router.ts';
import { createAcknowledgePages } from '../../../../service/hooks/acknowledge-pages.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import { createStatuses } from '../../../../service/status/live-statuses.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { servedCluster } from '../../../support/served-api.ts';

const start = Date.parse('2026-11-11T12:00:00Z');

function posted(status: 'firing' | 'resolved', cluster = 'orders') {
  const alert = {
    status,
    labels: { alertname: 'DiskFull', cluster, severity: 'critical' },
    annotations: { summary: 'A disk is full.' },
    startsAt: '2026-11-11T11:58:00Z',
  };
  return { version: '4', status, commonLabels: { cluster }, alerts: [alert] };
}

/** A service with a login and a notification channel that records each message. */
async function served(service: object = {}) {
  const clock = createHandClock();
  clock.advance(start / 1000);
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-acknowledge-'));
  const operatorToken = openOperatorToken(folder);
  const history = openHistory(join(folder, 'ledger.sqlite'), { clock });
  vi.stubEnv('CHANNEL_URL', 'https://chat.example.com/');
  vi.stubEnv('HOOKS_TOKEN', 'of-alertmanager');
  const config = ServiceConfig.parse({
    publicUrl: 'https://plimsoll.example.com/',
    hooks: {
      token: '${env:HOOKS_TOKEN}',
      channels: { oncall: { vendor: 'slack', url: '${env:CHANNEL_URL}', language: 'en', acknowledge: true } },
    },
    ...service,
  });
  const web: WatchedWebConfig = { current: () => ({ users: { ann: '$2b$04$' }, headers: {} }) };
  const access = createAccess(config, { address: '127.0.0.1:0', clock, operatorToken, web });
  const clusters = new Map(['orders', 'returns'].map((name) => [name, servedCluster(name)]));
  const statuses = createStatuses(
    [...clusters.keys()].map((name) => ({
      name,
      broker: 'kafka' as const,
      domains: [],
      live: () => ({ settings: {} }),
    })),
    { history, config, clock, log: createLogger('silent') },
  );
  const bodies: string[] = [];
  const parts = {
    access,
    config,
    clock,
    history,
    clusters,
    statuses,
    alerts: createAlertLog(history),
    log: createLogger('silent'),
    schedule: { states: () => [], ask: () => true },
    fetch: async (_: unknown, { body }: RequestInit = {}) => {
      if (typeof body === 'string') bodies.push(body);
      return new Response('ok');
    },
  };
  const app = express().use(access.guard, createHooksRouter(parts), createAcknowledgePages(parts));
  const server = await listen(app, '127.0.0.1:0', { signal: new AbortController().signal });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    history[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });
  const ask = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), { redirect: 'manual', ...init });
  const post = async (message: object) => {
    const headers = { authorization: 'Bearer of-alertmanager', 'content-type': 'application/json' };
    expect((await ask('/hooks/oncall', { method: 'POST', headers, body: JSON.stringify(message) })).status).toBe(200);
    const [, query] =
      /https:\/\/plimsoll\.example\.com\/acknowledge\?([^|]+)\|Acknowledge/.exec(bodies.at(-1) ?? '') ?? [];
    return query?.replaceAll('&amp;', '&');
  };
  const confirm = (query: string, hours = '4', headers = {}) => {
    const fields = { link: new URLSearchParams(query).get('link') ?? '', hours };
    return ask('/acknowledge', { method: 'POST', body: new URLSearchParams(fields), headers });
  };
  const recorded = () => history.entries({ change: 'acknowledged', limit: 10 });
  return { clock, ask, post, confirm, recorded, operatorToken, statuses };
}

test('a link in a message acknowledges its alert once, after a confirmation, without a login', async () => {
  const service = await served();
  const query = (await service.post(posted('firing'))) ?? '';
  // A chat that previews the link with GET or HEAD changes nothing.
  for (const method of ['GET', 'HEAD', 'GET']) {
    expect((await service.ask(`/acknowledge?${query}`, { method })).status).toBe(200);
  }
  expect(service.recorded()).toEqual([]);
  const page = await service.ask(`/acknowledge?${query}`);
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('referrer-policy')).toBe('same-origin');
  expect(await page.text()).toContain('DiskFull');
  for (let time = 0; time < 2; time++) {
    const answer = await service.confirm(query);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Acknowledged by \u2068channel:oncall\u2069 until 2026-11-11 16:00 UTC.');
  }
  expect(service.recorded()).toMatchObject([
    {
      cluster: 'orders',
      by: { name: 'channel:oncall' },
      document: { what: 'acknowledged', subject: 'alert:DiskFull', until: '2026-11-11T16:00:00.000Z' },
    },
  ]);
  // After the acknowledgement has ended, the same message does not renew it, while a newer one does.
  service.clock.advance(5 * 3600);
  expect((await service.confirm(query)).status).toBe(410);
  const newer = (await service.post(posted('firing'))) ?? '';
  expect((await service.confirm(newer, '1')).status).toBe(200);
  expect(service.recorded()).toHaveLength(2);
});

test('the page of a link loads its styles without a login, and no other page opens', async () => {
  const service = await served();
  expect((await service.ask('/assets/page.css')).status).toBe(404);
  expect((await service.ask('/')).status).toBe(401);
  expect((await service.ask('/acknowledge/x')).status).toBe(401);
  expect((await (await served({ hooks: {} })).ask('/acknowledge')).status).toBe(401);
});

test.each([
  ['has expired', (query: string) => query, 25 * 3600, 410, 'has expired'],
  ['was changed', (query: string) => query.replace('link=W', 'link=X'), 0, 404, 'not valid'],
  ['was cut off', (query: string) => query.slice(0, -5), 0, 404, 'not valid'],
])('a link that %s acknowledges nothing', async (_, change, laterSeconds, status, said) => {
  const service = await served();
  const query = change((await service.post(posted('firing'))) ?? '');
  service.clock.advance(laterSeconds);
  for (const answer of [await service.ask(`/acknowledge?${query}`), await service.confirm(query)]) {
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(said);
  }
  expect(service.recorded()).toEqual([]);
});

test('a resolved alert cannot be acknowledged', async () => {
  const service = await served();
  const query = (await service.post(posted('firing'))) ?? '';
  expect(await service.post(posted('resolved'))).toBeUndefined();
  expect((await service.confirm(query)).status).toBe(410);
});

test('another site cannot confirm, and only the offered durations are accepted', async () => {
  const service = await served();
  const query = (await service.post(posted('firing'))) ?? '';
  expect((await service.confirm(query, '4', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
  expect((await service.confirm(query, '9999')).status).toBe(404);
  expect(service.recorded()).toEqual([]);
});

test('service.roles limits a channel to its clusters, including links sent before', async () => {
  const roles = [{ role: 'operator', users: ['channel:oncall'], clusters: ['returns'] }];
  const service = await served({ roles });
  expect(await service.post(posted('firing'))).toBeUndefined();
  const issuedAt = service.clock.now();
  const expiresAt = new Date(issuedAt.getTime() + 1000);
  const sentBefore = signLink(
    { channel: 'oncall', cluster: 'orders', alert: 'DiskFull', issuedAt, expiresAt },
    service.operatorToken.text,
  );
  expect((await service.confirm(`link=${sentBefore}`)).status).toBe(403);
  expect(await service.post(posted('firing', 'returns'))).toBeDefined();
  expect(await service.post(posted('firing', 'unknown'))).toBeUndefined();
});
