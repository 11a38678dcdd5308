import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { listen } from '../../../../exporter/http-server.ts';
import { createAccess } from '../../../../service/access/create-access.ts';
import { openOperatorToken } from '../../../../service/access/operator-token.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { createPages } from '../../../../service/pages/router.ts';
import { shownFleet } from '../../../support/shown-fleet.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-login-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function served() {
  const operatorToken = openOperatorToken(folder);
  const config = ServiceConfig.parse({});
  const resources = new AsyncDisposableStack();
  const history = resources.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock, operatorToken });
  const app = express().use(access.guard);
  app.post('/change', access.operatorsOnly, (_request, response) => void response.json('done'));
  app.use(createPages({ ...shownFleet(), history, config, access, clock: systemClock }));
  const server = resources.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, server.url), { redirect: 'manual', ...init });
  return { ask, token: operatorToken, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const form = (token: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams({ token }),
  headers,
});

test('every page tells an anonymous reader how to log in', async () => {
  await using service = await served();
  const page = await (await service.ask('/')).text();
  expect(page).toContain('Read-only');
  expect(page).toContain('href="/login"');
  const login = await (await service.ask('/login')).text();
  expect(login).toContain(service.token.file);
  expect(login).not.toContain(service.token.text);
});

test('the link of the terminal makes the browser an operator until it logs out', async () => {
  await using service = await served();
  const opened = await service.ask(`/login?token=${service.token.text}&lang=zh`);
  expect([opened.status, opened.headers.get('location')]).toEqual([303, '/?lang=zh']);
  expect(opened.headers.get('cache-control')).toBe('no-store');
  expect(opened.headers.get('set-cookie')).toMatch(
    /^plimsoll-session-\d+=\d+\.[\w-]+; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
  );
  const headers = { cookie: `other=1; ${cookieOf(opened)}` };
  expect((await service.ask('/change', { method: 'POST', headers })).status).toBe(200);
  expect(await (await service.ask('/', { headers })).text()).toContain('action="/logout"');
  const closed = await service.ask('/logout', { method: 'POST', headers });
  expect([closed.status, cookieOf(closed)]).toEqual([303, expect.stringMatching(/^plimsoll-session-\d+=$/)]);
});

test('so does the form, with blanks around the token', async () => {
  await using service = await served();
  const opened = await service.ask('/login', form(` ${service.token.text}\n`));
  expect(opened.status).toBe(303);
  expect(cookieOf(opened)).not.toBe('');
});

test.each([
  ['a wrong token', (): RequestInit => form('guessed')],
  ['no token', (): RequestInit => ({ method: 'POST' })],
])('%s opens nothing', async (_name, init) => {
  await using service = await served();
  const refused = await service.ask('/login', init());
  expect([refused.status, cookieOf(refused)]).toEqual([403, '']);
  expect(await refused.text()).toContain('This is not the operator token.');
});

test('a page of another site neither logs in nor out', async () => {
  await using service = await served();
  const headers = { 'Sec-Fetch-Site': 'same-site' };
  expect((await service.ask('/login', form(service.token.text, headers))).status).toBe(403);
  expect((await service.ask('/logout', { method: 'POST', headers })).status).toBe(403);
});
