import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import express from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import type { Access } from '../../../../service/access/access.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import { AlertMessage } from '../../../../service/hooks/alert-message.ts';
import { createHooksRouter } from '../../../../service/hooks/router.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const message = {
  version: '4',
  status: 'firing',
  commonLabels: { cluster: 'orders' },
  alerts: [{ status: 'firing', labels: {}, annotations: { summary: 'Full.' }, startsAt: '2026-11-11T12:00:00Z' }],
};
const channels = {
  oncall: { vendor: 'wecom', url: '${env:CHANNEL_URL}' },
  watchers: { vendor: 'wecom', url: '${env:CHANNEL_URL}', during: 'promotions' },
  pager: { vendor: 'pagerduty', key: '${env:CHANNEL_URL}', during: 'promotions' },
};
const resolved = {
  ...message,
  status: 'resolved',
  alerts: message.alerts.map((alert) => ({ ...alert, status: 'resolved' })),
};

const alerts = createAlertLog();
let role: 'viewer' | 'operator';
let answer: () => Promise<Response>;
/** Body of the last request to a vendor. */
let requested: string;
let isOn: boolean;
let clock: ReturnType<typeof createHandClock>;
let lines: string[];
let server: Server;
let base: string;

beforeEach(async () => {
  vi.stubEnv('CHANNEL_URL', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k');
  role = 'operator';
  isOn = false;
  clock = createHandClock();
  lines = [];
  answer = async () => Response.json({ errcode: 0, errmsg: 'ok' });
  const access: Pick<Access, 'notifiersOnly'> = {
    notifiersOnly(_request, _response, next) {
      if (role === 'operator') return next();
      throw new AppError('role-missing', 'ann (viewer) cannot post alerts');
    },
  };
  const router = createHooksRouter({
    config: ServiceConfig.parse({ hooks: { channels } }),
    clusters: new Map(),
    statuses: {
      fleet: () => ({
        at: '2026-11-11T12:00:00Z',
        clusters: [],
        promotion: { name: 'double-eleven', from: '2026-11-10T12:00:00Z', to: '2026-11-12T12:00:00Z', isOn },
      }),
    },
    access,
    clock,
    log: createLogger('info', new Writable({ write: (line, _, done) => (lines.push(String(line)), done()) })),
    fetch: (_, request) => {
      requested = typeof request?.body === 'string' ? request.body : '';
      return answer();
    },
    alerts,
  });
  server = createServer(express().use(router)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function post(path: string, body: unknown, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${base}${path}`, { method: 'POST', headers: { 'content-type': type }, body: text });
}
const answered = async (response: Response) => `${response.status} ${(await response.text()).trimEnd()}`;

test('forwards a message to its channel', async () => {
  expect(await answered(await post('/hooks/oncall', message))).toBe('200 sent');
});

test.each([
  ['404 unknown notification channel: see service.hooks.channels', '/hooks/constructor', message, undefined],
  [
    '400 the body is not an Alertmanager webhook message (version 4)',
    '/hooks/oncall',
    { ...message, version: '3' },
    undefined,
  ],
  [
    '400 the body is not an Alertmanager webhook message (version 4)',
    '/hooks/oncall',
    { ...message, alerts: [] },
    undefined,
  ],
  ['400 the body is not JSON', '/hooks/oncall', '{', undefined],
  ['413 messages may have at most 33554432 bytes', '/hooks/oncall', `"${'x'.repeat(32 * 1024 * 1024)}"`, undefined],
  ['415 send application/json', '/hooks/oncall', 'a=b', 'application/x-www-form-urlencoded'],
])('an invalid request gets a status that Alertmanager does not retry: %s', async (said, path, body, type) => {
  expect(await answered(await post(path, body, type))).toBe(said);
});

test('a group may have any number of alerts that fits into a body', () => {
  const alerts = Array<unknown>(20_000).fill(message.alerts[0]);
  expect(AlertMessage.safeParse({ ...message, alerts }).success).toBe(true);
});

test('a group of many alerts is sent, worst first, and the number of the others', async () => {
  const group = Array.from({ length: 1500 }, (_, partition) => ({
    status: partition % 3 === 0 ? 'resolved' : 'firing',
    labels: {
      alertname: 'PartitionOffline',
      cluster: 'logs',
      severity: partition === 1499 ? 'critical' : 'warning',
      partition: String(partition),
    },
    annotations: { summary: `Partition ${partition} is offline.`, description: 'Its leader is down. '.repeat(50) },
    startsAt: '2026-11-11T12:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: `c2f8a1${partition}`,
  }));
  expect(await answered(await post('/hooks/oncall', { ...message, alerts: group }))).toBe('200 sent');
  expect(requested).toContain('1000 条告警');
  const [, left] = /另有 (\d+) 条/.exec(requested) ?? [];
  expect(Number(left)).toBe(1500 - requested.split('is offline.').length + 1);
  expect(requested).toContain('【严重】Partition 1499');
});

test('refused messages are logged once for each cause', async () => {
  for (const body of ['{', '{', { ...message, version: '3' }, { ...message, version: '3' }])
    expect((await post('/hooks/oncall', body)).status).toBe(400);
  expect(lines).toEqual([
    expect.stringContaining('a message to /hooks was refused: the body is not JSON'),
    expect.stringContaining('a message to /hooks was refused: the body is not an Alertmanager webhook message'),
  ]);
});

test('a viewer cannot post alerts', async () => {
  role = 'viewer';
  expect(await answered(await post('/hooks/oncall', message))).toBe(
    '403 ann (viewer) cannot post alerts; send service.hooks.token as a bearer token',
  );
});

test('a message refused by the channel gets a status that Alertmanager does not retry', async () => {
  answer = async () => Response.json({ errcode: 93_000, errmsg: 'invalid webhook url' });
  expect(await answered(await post('/hooks/oncall', message))).toBe(
    '424 wecom channel oncall: errcode 93000: invalid webhook url',
  );
});

test('an unreadable secret is reported by its name', async () => {
  vi.stubEnv('CHANNEL_URL', undefined);
  expect(await answered(await post('/hooks/oncall', message))).toBe('424 environment variable CHANNEL_URL is not set');
});

test('a message above the rate limit gets a status that Alertmanager retries', async () => {
  for (let count = 0; count < 20; count++) expect((await post('/hooks/oncall', message)).status).toBe(200);
  const busy = await post('/hooks/oncall', message);
  expect(busy.headers.get('Retry-After')).toBe('60');
  expect(await answered(busy)).toBe('503 not sent: its rate limit');
});

test('a message that Alertmanager retries does not reopen an alert that has ended since', async () => {
  const labels = { alertname: 'ClusterOverSafeMax', cluster: 'orders' };
  const labelled = (each: typeof message) => ({ ...each, alerts: each.alerts.map((alert) => ({ ...alert, labels })) });
  const firing = () => alerts.firing('orders', createHandClock().now().getTime()).map(({ name }) => name);
  for (let count = 0; count < 20; count++) await post('/hooks/oncall', message);
  expect((await post('/hooks/oncall', labelled(message))).status).toBe(503);
  expect(firing()).toEqual(['ClusterOverSafeMax']);
  await post('/hooks/watchers', labelled(resolved));
  expect((await post('/hooks/oncall', labelled(message))).status).toBe(503);
  expect(firing()).toEqual([]);
});

test.each([
  [{ errcode: 0, errmsg: 'ok' }, /^200 sent$/],
  [{ errcode: 310_000, errmsg: 'keywords not in content' }, /^424 /],
])('the same message posted by two Alertmanagers at once is sent once (%j)', async (body, expected) => {
  const accepted = Promise.withResolvers<void>();
  let requests = 0;
  answer = async () => {
    requests += 1;
    await accepted.promise;
    return Response.json(body);
  };
  const added = vi.spyOn(alerts, 'add');
  const both = [post('/hooks/oncall', message), post('/hooks/oncall', message)];
  await vi.waitFor(() => expect(added).toHaveBeenCalledTimes(2));
  added.mockRestore();
  accepted.resolve();
  for (const each of both) expect(await answered(await each)).toMatch(expected);
  expect(requests).toBe(1);
});

test('a message sent after Alertmanager hung up is not sent on a retry but is sent on a repetition', async () => {
  const accepted = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let requests = 0;
  answer = async () => {
    requests += 1;
    await accepted.promise;
    return Response.json({ errcode: 0, errmsg: 'ok' });
  };
  server.once('request', (_request, response) => void response.once('close', () => closed.resolve()));
  const stop = new AbortController();
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body: JSON.stringify(message), signal: stop.signal };
  const first = fetch(`${base}/hooks/oncall`, init).catch(() => 'hung up');
  await vi.waitFor(() => expect(requests).toBe(1));
  stop.abort();
  expect(await first).toBe('hung up');
  await closed.promise;
  accepted.resolve();
  expect(await answered(await post('/hooks/oncall', message))).toBe('200 sent');
  expect(requests).toBe(1);
  expect(await answered(await post('/hooks/oncall', message))).toBe('200 sent');
  expect(requests).toBe(2);
});

test('a promotion channel gets each firing alert once during a promotion, and its end', async () => {
  expect(await answered(await post('/hooks/watchers', message))).toBe('200 not sent: no promotion is active');
  isOn = true;
  expect(await answered(await post('/hooks/watchers', resolved))).toBe('200 not sent: unchanged');
  expect(await answered(await post('/hooks/watchers', message))).toBe('200 sent');
  for (let hours = 0; hours <= 24; hours += 6) {
    expect(await answered(await post('/hooks/watchers', message)), `after ${hours} h`).toBe('200 not sent: unchanged');
    clock.advance(6 * 3600);
  }
  expect(await answered(await post('/hooks/watchers', resolved))).toBe('200 sent');
});

test('the end of an alert that was sent is sent once, even after the promotion', async () => {
  isOn = true;
  expect(await answered(await post('/hooks/watchers', message))).toBe('200 sent');
  isOn = false;
  expect(await answered(await post('/hooks/watchers', message))).toBe('200 not sent: no promotion is active');
  expect(await answered(await post('/hooks/watchers', resolved))).toBe('200 sent');
  expect(await answered(await post('/hooks/watchers', resolved))).toBe('200 not sent: no promotion is active');
});

test('an alert that still fires is sent again when the next promotion begins', async () => {
  for (const sent of [1, 2]) {
    isOn = true;
    expect(await answered(await post('/hooks/watchers', message)), `promotion ${sent}`).toBe('200 sent');
    expect(await answered(await post('/hooks/watchers', message))).toBe('200 not sent: unchanged');
    isOn = false;
    expect(await answered(await post('/hooks/watchers', message))).toBe('200 not sent: no promotion is active');
  }
  expect(await answered(await post('/hooks/watchers', resolved))).toBe('200 sent');
});

test('a vendor with incidents gets every resolved alert, because the service may have restarted since', async () => {
  answer = async () => Response.json({ status: 'success' }, { status: 202 });
  expect(await answered(await post('/hooks/pager', message))).toBe('200 not sent: no promotion is active');
  expect(await answered(await post('/hooks/pager', resolved))).toBe('200 sent');
});
