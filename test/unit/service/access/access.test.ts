import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import express, { type ErrorRequestHandler } from 'express';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import type { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import type { PasswordCheck } from '../../../../exporter/http/basic-auth.ts';
import { openWebConfig } from '../../../../exporter/http/web-config-file.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createAccess, refuseClosedHooks, refuseOpenAddress } from '../../../../service/access/create-access.ts';
import { openOperatorToken } from '../../../../service/access/operator-token.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';

const signal = new AbortController().signal;
const log = createLogger('silent');
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-access-'))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** bcrypt at its lowest cost, because these tests check access and not the strength of hashes. */
const users = (...names: string[]) =>
  `basic_auth_users:\n${names.map((name) => `  ${name}: '${hashSync(`${name}-secret`, 4)}'\n`).join('')}`;
const basic = (name: string, password = `${name}-secret`) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

interface Setting {
  service?: object;
  web?: string;
  address?: string;
  passwords?: PasswordCheck;
}

async function served({ service = {}, web: text, address = '127.0.0.1:0', passwords }: Setting) {
  const file = join(folder, 'web.yml');
  if (text !== undefined) writeFileSync(file, text);
  const web = text === undefined ? undefined : await openWebConfig(file, { log, signal });
  const operatorToken = openOperatorToken(folder);
  const access = createAccess(ServiceConfig.parse(service), {
    address,
    clock: systemClock,
    operatorToken,
    ...(passwords && { passwords }),
    ...(web && { web }),
  });
  const app = express();
  app.use(access.guard);
  app.get('/who', (request, response) => void response.json(access.userOf(request)));
  app.get('/change', access.operatorsOnly, (_request, response) => void response.json('done'));
  app.get('/review', access.adminsOnly, (_request, response) => void response.json('done'));
  app.post('/acknowledge', express.text(), (_request, response) => void response.end());
  app.get('/stays', async (request, response) => {
    const before = await access.isStill('operator', request);
    if (request.query['lose'] === 'users') writeFileSync(file, users('bob'));
    response.json({ before, after: await access.isStill('operator', request) });
  });
  app.get('/alert', access.notifiersOnly, (_request, response) => void response.json('done'));
  app.get('/read', access.readersOnly, (_request, response) => void response.json('done'));
  const failed: ErrorRequestHandler = (error, _request, response, _next) =>
    void response.status(403).json((error as AppError).code);
  app.use(failed);
  const server = await listen(app, '127.0.0.1:0', { signal });
  const ask = (path: string, headers: Record<string, string | string[]> = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ status?: number; body: unknown }>();
    get(new URL(path, server.url), { headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += String(chunk)));
      response.on('end', () => {
        const isJson = response.headers['content-type']?.startsWith('application/json') === true;
        resolve({
          ...(response.statusCode && { status: response.statusCode }),
          body: isJson ? JSON.parse(body) : body,
        });
      });
    }).on('error', reject);
    return promise;
  };
  return { ask, url: server.url, file, operatorToken, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('without a login', () => {
  test('an anonymous visitor can view pages but change nothing', async () => {
    await using page = await served({});
    expect(await page.ask('/who')).toMatchObject({ status: 200, body: { name: 'anonymous', role: 'viewer' } });
    expect(await page.ask('/read')).toMatchObject({ status: 200 });
    for (const path of ['/change', '/alert']) {
      expect(await page.ask(path)).toEqual({ status: 403, body: 'role-missing' });
    }
  });

  test('a client with the operator token is an admin', async () => {
    await using page = await served({});
    const headers = bearer(page.operatorToken.text);
    expect((await page.ask('/who', headers)).body).toMatchObject({ name: 'operator', role: 'admin', via: 'token' });
    expect((await page.ask('/change', headers)).status).toBe(200);
  });

  test.for(['', 'x', 'A'.repeat(43)])(
    'a wrong operator token is refused and not treated as an anonymous viewer: "%s"',
    async (token) => {
      await using page = await served({});
      expect((await page.ask('/who', bearer(token))).status).toBe(token === '' ? 200 : 401);
      expect((await page.ask('/change', bearer(token))).status).toBe(token === '' ? 403 : 401);
    },
  );

  test.for(['evil.example', 'evil.example:18761', '192.0.2.1', '127.0.0.1.evil.example'])(
    'refuses a Host header that does not name this machine: %s',
    async (Host) => {
      await using page = await served({});
      expect((await page.ask('/who', { Host })).status).toBe(403);
    },
  );

  test.for(['localhost:1', '[::1]:1', '127.0.0.2'])(
    'accepts a Host header that names this machine: %s',
    async (Host) => {
      await using page = await served({});
      expect((await page.ask('/who', { Host })).status).toBe(200);
    },
  );

  test.for([
    ['X-Forwarded-User', 'root'],
    ['X-Forwarded-For', '203.0.113.9'],
    ['Forwarded', 'for=203.0.113.9'],
    ['X-Real-IP', '203.0.113.9'],
    ['Via', '1.1 nginx'],
  ] as const)('refuses a request with a proxy header: %s', async ([header, value]) => {
    await using page = await served({});
    const { status, body } = await page.ask('/who', { [header]: value });
    expect([status, String(body)]).toEqual([403, expect.stringContaining('configure a login')]);
  });
});

describe('with users', () => {
  const setting = { web: users('ann', 'bob'), service: { users: { ann: 'operator', constructor: 'operator' } } };

  test('a user has the role in the config, or viewer if the config names none', async () => {
    await using page = await served(setting);
    expect((await page.ask('/who', basic('ann'))).body).toMatchObject({ name: 'ann', role: 'operator' });
    expect((await page.ask('/who', basic('bob'))).body).toMatchObject({ name: 'bob', role: 'viewer' });
    expect(await page.ask('/change', basic('bob'))).toEqual({ status: 403, body: 'role-missing' });
  });

  test('an admin may do all that an operator may, and only admins pass the check for admins', async () => {
    const service = { users: { root: 'admin', ann: 'operator', am: 'notifier' } };
    await using page = await served({ web: users('root', 'ann', 'am', 'bob'), service });
    const statusesOf = (name: string) =>
      Promise.all(
        ['/change', '/alert', '/read', '/review'].map(async (path) => (await page.ask(path, basic(name))).status),
      );
    expect(await statusesOf('root')).toEqual([200, 200, 200, 200]);
    expect(await statusesOf('ann')).toEqual([200, 200, 200, 403]);
    expect(await statusesOf('am')).toEqual([403, 200, 403, 403]);
    expect(await statusesOf('bob')).toEqual([403, 403, 200, 403]);
  });

  test('an admin of one cluster passes the check for admins', async () => {
    const service = { roles: [{ users: ['ann'], role: 'admin', clusters: ['orders'] }] };
    await using page = await served({ web: users('ann'), service });
    expect((await page.ask('/review', basic('ann'))).status).toBe(200);
    expect((await page.ask('/change', basic('ann'))).status).toBe(200);
  });

  test('a password user has the roles of the entries that name it; a user without an entry is refused', async () => {
    const roles = [{ users: ['bob'], role: 'operator', clusters: ['orders-*'] }];
    await using page = await served({
      web: users('ann', 'bob', 'cat'),
      service: { users: { ann: 'operator' }, roles },
    });
    expect((await page.ask('/who', basic('ann'))).body).toEqual({
      name: 'ann',
      role: 'operator',
      via: 'login',
      login: { way: 'password', groups: [] },
    });
    expect((await page.ask('/who', basic('bob'))).body).toMatchObject({
      role: 'viewer',
      isLimited: true,
      on: [{ role: 'operator', patterns: ['orders-*'] }],
    });
    const { status, body } = await page.ask('/who', basic('cat'));
    expect([status, String(body)]).toEqual([403, expect.stringMatching(/cat has no role: .*service\.roles/)]);
  });

  test('a role entry for a notification channel does not limit the roles of people', async () => {
    const roles = [{ users: ['channel:oncall'], role: 'operator', clusters: ['orders-*'] }];
    await using page = await served({ web: users('cat'), service: { roles } });
    expect(await page.ask('/who', basic('cat'))).toMatchObject({ status: 200, body: { name: 'cat', role: 'viewer' } });
  });

  test.for([
    ['a client without a login', {}],
    ['a wrong password', basic('ann', 'bob-secret')],
    ['a name that is not there', basic('constructor', '')],
    ['a header of a proxy', { 'X-Forwarded-User': 'ann' }],
  ] as const)('refuses %s', async ([, headers]) => {
    await using page = await served(setting);
    expect(await page.ask('/who', headers)).toEqual({ status: 401, body: 'unauthorized\n' });
  });

  test('logins that wait for a password check do not block users with correct passwords', async () => {
    const slow = Promise.withResolvers<'wrong'>();
    let waiting = 0;
    const passwords: PasswordCheck = {
      check: async (authorization) => {
        if (authorization === basic('ann').Authorization) return 'right';
        waiting += 1;
        return slow.promise;
      },
    };
    await using page = await served({ ...setting, passwords });
    const guesses = Array.from({ length: 50 }, (_, turn) => page.ask('/who', basic('ann', `guess ${turn}`)));
    await expect.poll(() => waiting).toBe(50);
    expect((await page.ask('/who', basic('ann'))).status).toBe(200);
    slow.resolve('wrong');
    expect(new Set((await Promise.all(guesses)).map(({ status }) => status))).toEqual(new Set([401]));
  });

  test('slow requests without a login do not block users', async () => {
    const channel = { vendor: 'slack', url: '${env:CHANNEL}', language: 'en', acknowledge: true };
    const hooks = { token: '${env:HOOKS_TOKEN}', channels: { oncall: channel } };
    await using page = await served({ ...setting, service: { publicUrl: 'https://plimsoll.example.com', hooks } });
    const slow = Array.from({ length: 40 }, () =>
      request(new URL('/acknowledge', page.url), { method: 'POST', headers: { 'Content-Type': 'text/plain' } }),
    );
    for (const each of slow) each.on('error', () => {}).write('link=');
    await expect.poll(async () => (await page.ask('/acknowledge')).status).toBe(503);
    expect((await page.ask('/who', basic('ann'))).status).toBe(200);
    for (const each of slow) each.destroy();
  });

  test('the operator token has no effect in a service with a login', async () => {
    await using page = await served(setting);
    expect((await page.ask('/who', bearer(page.operatorToken.text))).status).toBe(401);
  });

  test('a long-lived stream checks again whether its reader is still an operator', async () => {
    await using page = await served({ ...setting, service: { users: { ann: 'operator' } } });
    const ann = basic('ann');
    expect((await page.ask('/stays', ann)).body).toEqual({ before: true, after: true });
    expect((await page.ask('/stays?lose=users', ann)).body).toEqual({ before: true, after: false });
  });

  test('a config file that loses its users does not open the service to everyone', async () => {
    await using page = await served({ ...setting, address: '0.0.0.0:0' });
    writeFileSync(page.file, '{}');
    expect((await page.ask('/who', basic('ann'))).status).toBe(403);
  });
});

describe('behind a trusted proxy', () => {
  const service = {
    trustedProxy: { addresses: ['127.0.0.0/8'], operators: ['sre'], admins: ['platform'] },
    users: { eve: 'viewer', dan: 'operator' },
  };
  const as = (user: string | string[], groups = '') => ({ 'X-Forwarded-User': user, 'X-Forwarded-Groups': groups });

  test.for([
    ['ann', 'dev, sre', 'operator'],
    ['ann', 'sre, platform', 'admin'],
    ['ann', 'dev', 'viewer'],
    ['eve', 'platform', 'viewer'],
    ['ann', 'sre-readonly', 'viewer'],
    // A role of the user in the config takes precedence over the roles of groups.
    ['eve', 'sre', 'viewer'],
    ['dan', '', 'operator'],
  ] as const)('user %s in groups "%s" has the role %s', async ([name, groups, role]) => {
    await using page = await served({ service });
    expect((await page.ask('/who', as(name, groups))).body).toMatchObject({ name, role });
  });

  test('a proxied request without a user name, with two user names or with a too long one is refused', async () => {
    await using page = await served({ service });
    for (const headers of [{}, as(''), as(['root', 'ann']), as('x'.repeat(250))]) {
      expect((await page.ask('/who', headers)).status).toBe(401);
    }
  });

  test('proxy headers from an untrusted address are ignored', async () => {
    await using page = await served({ service: { trustedProxy: { addresses: ['10.0.0.0/8', '::1'] } } });
    expect((await page.ask('/who', as('ann', 'sre'))).status).toBe(401);
  });

  test('a scraper that bypasses the proxy may log in by password', async () => {
    await using page = await served({
      web: users('prometheus'),
      service: { trustedProxy: { addresses: ['10.0.0.0/8'] } },
    });
    expect((await page.ask('/who', basic('prometheus'))).body).toMatchObject({ name: 'prometheus', role: 'viewer' });
  });
});

describe('the token of Alertmanager', () => {
  const hooks = { token: '${env:HOOKS_TOKEN}', channels: { oncall: { vendor: 'wecom', url: '${env:CHANNEL}' } } };
  beforeEach(() => void vi.stubEnv('HOOKS_TOKEN', 'of-alertmanager'));

  test.for([
    ['without a login', {}],
    ['beside users', { web: users('ann') }],
  ] as const)('posts alerts but neither reads nor changes anything, %s', async ([, setting]) => {
    await using page = await served({ ...setting, service: { hooks } });
    const headers = bearer('of-alertmanager');
    expect((await page.ask('/alert', headers)).status).toBe(200);
    for (const path of ['/read', '/change']) {
      expect(await page.ask(path, headers)).toEqual({ status: 403, body: 'role-missing' });
    }
    expect((await page.ask('/alert', bearer('guessed'))).status).toBe(401);
  });

  test('a user with the notifier role may post alerts but not read', async () => {
    await using page = await served({ web: users('am'), service: { users: { am: 'notifier' } } });
    expect((await page.ask('/alert', basic('am'))).status).toBe(200);
    expect((await page.ask('/read', basic('am'))).status).toBe(403);
  });

  test('refuses to start with notification channels whose webhook Alertmanager cannot authenticate to', () => {
    const check = (service: object) => () => refuseClosedHooks(ServiceConfig.parse(service), undefined);
    const { token: _token, ...tokenless } = hooks;
    expect(check({ hooks: tokenless })).toThrow(expect.objectContaining({ code: 'hooks-without-token', exitCode: 2 }));
    expect(check({ hooks })).not.toThrow();
    expect(check({ hooks: {} })).not.toThrow();
    expect(check({ hooks: tokenless, trustedProxy: { addresses: ['10.0.0.1'] } })).not.toThrow();
    vi.stubEnv('HOOKS_TOKEN', '');
    expect(check({ hooks })).toThrow(expect.objectContaining({ code: 'secret-unreadable' }));
  });
});

describe('listen address', () => {
  const refused =
    (address: string, service: object = {}) =>
    () =>
      refuseOpenAddress(address, ServiceConfig.parse(service), undefined);

  test.for(['0.0.0.0:1', '192.0.2.1:1', '[::]:1', 'plimsoll.example:1'])(
    '%s is refused without a login or a trusted proxy',
    (address) => {
      expect(refused(address)).toThrow(expect.objectContaining({ code: 'access-open', exitCode: 2 }));
      expect(refused(address, { trustedProxy: { addresses: ['10.0.0.1'] } })).not.toThrow();
    },
  );

  test.for(['127.0.0.1:1', ':1', '[::1]:1', 'localhost:1'])('%s is accepted without a login', (address) =>
    expect(refused(address)).not.toThrow(),
  );
});

test.for(['10.0.0.0/33', '10.0.0', '::1/129', '10.0.0.0/8/8', 'proxy.example', ''])(
  'an invalid proxy address is rejected in the config: %s',
  (address) => expect(ServiceConfig.safeParse({ trustedProxy: { addresses: [address] } }).success).toBe(false),
);
