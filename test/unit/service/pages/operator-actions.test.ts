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
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-operator-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function served() {
  const operatorToken = openOperatorToken(folder);
  const config = ServiceConfig.parse({});
  const resources = new AsyncDisposableStack();
  const history = resources.use(openHistory(join(folder, 'ledger.sqlite'), { clock: systemClock }));
  const access = createAccess(config, { address: '127.0.0.1:0', clock: systemClock, operatorToken });
  const asked: string[] = [];
  const jobs = ['analysis', 'forecast'].map((name) => ({ name, cluster: 'orders', isRunning: false }));
  const schedule = {
    states: () => jobs,
    ask(name: string, cluster?: string) {
      asked.push(`${name} ${cluster}`);
      return true;
    },
  };
  const app = express().use(access.guard);
  app.use(createPages({ ...shownFleet(), history, config, access, schedule, clock: systemClock }));
  const server = resources.use(await listen(app, '127.0.0.1:0', { signal: new AbortController().signal }));
  const operator = { Authorization: `Bearer ${operatorToken.text}` };
  const ask = (path: string, headers: Record<string, string>, body?: Record<string, string>) =>
    fetch(new URL(path, server.url), {
      redirect: 'manual',
      headers,
      ...(body && { method: 'POST', body: new URLSearchParams(body) }),
    });
  const entries = () => history.entries({ kinds: ['change'], limit: 10 });
  return { ask, asked, entries, operator, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
const note = { what: 'annotated', note: 'disk of broker-a is replaced' };

test('a note of an operator is an entry of the history with their name, and only operators have the form', async () => {
  await using service = await served();
  expect(await (await service.ask('/clusters/orders', {})).text()).not.toContain('Add note');
  expect(await (await service.ask('/clusters/orders', service.operator)).text()).toContain('Add note');
  const answer = await service.ask('/clusters/orders?lang=zh', service.operator, note);
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/clusters/orders?lang=zh#ledger']);
  expect(service.entries()).toMatchObject([
    { cluster: 'orders', by: { name: 'operator', through: 'page' }, document: { what: 'annotated', after: note.note } },
  ]);
});

test('an analysis out of turn is recorded, then started', async () => {
  await using service = await served();
  await service.ask('/clusters/orders', service.operator, { what: 'analysis-asked', job: 'analysis' });
  expect(service.asked).toEqual(['analysis orders']);
  expect(service.entries()).toMatchObject([{ document: { what: 'analysis-asked', after: 'analysis' } }]);
});

test.each([
  ['a viewer', '/clusters/orders', {}, note, 403],
  ['a page of another site', '/clusters/orders', { 'Sec-Fetch-Site': 'cross-site' }, note, 403],
  ['a form for an unknown cluster', '/clusters/nowhere', {}, note, 404],
  ['a form with an unknown field', '/clusters/orders', {}, { ...note, role: 'admin' }, 404],
  ['an empty note', '/clusters/orders', {}, { what: 'annotated', note: '' }, 404],
] as const)('%s changes nothing', async (who, path, headers, body, status) => {
  await using service = await served();
  const login = who === 'a viewer' ? {} : service.operator;
  expect((await service.ask(path, { ...login, ...headers }, body)).status).toBe(status);
  expect([service.entries(), service.asked]).toEqual([[], []]);
});
