import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import type { Access } from '../../../../service/access/access.ts';
import { Hooks } from '../../../../app/config/service-hooks.ts';
import { createAlertLog } from '../../../../service/hooks/alert-log.ts';
import { createHooksRouter } from '../../../../service/hooks/router.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const message = {
  version: '4',
  status: 'firing',
  commonLabels: { cluster: 'orders' },
  alerts: [{ status: 'firing', labels: {}, annotations: { summary: 'Full.' }, startsAt: '2026-11-11T12:00:00Z' }],
};
const robots = { oncall: { vendor: 'wecom', url: '${env:ROBOT_URL}' } };

const alerts = createAlertLog();
let role: 'viewer' | 'operator';
let answer: () => Promise<Response>;
let server: Server;
let base: string;

beforeEach(async () => {
  vi.stubEnv('ROBOT_URL', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k');
  role = 'operator';
  answer = async () => Response.json({ errcode: 0, errmsg: 'ok' });
  const access: Pick<Access, 'notifiersOnly'> = {
    notifiersOnly(_request, _response, next) {
      if (role === 'operator') return next();
      throw new AppError('role-missing', 'ann (viewer) cannot post alerts');
    },
  };
  const router = createHooksRouter({
    hooks: Hooks.parse({ robots }),
    access,
    clock: createHandClock(),
    log: createLogger('silent'),
    fetch: () => answer(),
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

test('hands a message on', async () => {
  expect(await answered(await post('/hooks/oncall', message))).toBe('200 sent');
});

test.each([
  ['404 no notification channel of this name: see service.hooks.robots', '/hooks/constructor', message, undefined],
  ['400 the body is no message of Alertmanager (version 4)', '/hooks/oncall', { ...message, version: '3' }, undefined],
  ['400 the body is no message of Alertmanager (version 4)', '/hooks/oncall', { ...message, alerts: [] }, undefined],
  ['400 the body is not JSON', '/hooks/oncall', '{', undefined],
  ['413 a message has at most 1048576 bytes', '/hooks/oncall', `"${'x'.repeat(1024 * 1024)}"`, undefined],
  ['415 send application/json', '/hooks/oncall', 'a=b', 'application/x-www-form-urlencoded'],
])('%s, which is not tried again', async (said, path, body, type) => {
  expect(await answered(await post(path, body, type))).toBe(said);
});

test('a viewer has nothing said in a chat', async () => {
  role = 'viewer';
  expect(await answered(await post('/hooks/oncall', message))).toBe(
    '403 ann (viewer) cannot post alerts; send service.hooks.token as a bearer token',
  );
});

test('a robot that refuses is tried again by Alertmanager', async () => {
  answer = async () => Response.json({ errcode: 45_009, errmsg: 'api freq out of limit' });
  expect(await answered(await post('/hooks/oncall', message))).toBe(
    '502 the wecom bot refused the message: errcode 45009: api freq out of limit',
  );
});

test('more than four at once wait for the next attempt', async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const reached = Promise.withResolvers<void>();
  let underWay = 0;
  answer = async () => {
    if (++underWay === 4) reached.resolve();
    return (await promise).clone();
  };
  const four = Array.from({ length: 4 }, () => post('/hooks/oncall', message));
  await reached.promise;
  expect((await post('/hooks/oncall', message)).status).toBe(503);
  resolve(Response.json({ errcode: 0 }));
  expect((await Promise.all(four)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
});
