import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../core/clock.ts';
import { createLogger } from '../../../../core/log.ts';
import { openWebConfig } from '../../../../exporter/http/web-config-file.ts';
import { createAccess } from '../../../../service/access/create-access.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { serveApi, type ServedApi } from '../../../support/served-api.ts';

const as = (name: string, password = name) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

let folder: string;
let api: ServedApi;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-api-users-'));
  const file = join(folder, 'web.yml');
  // bcrypt at its lowest cost.
  const users = ['anna', 'eve'].map((name) => `  ${name}: '${hashSync(name, 4)}'\n`);
  await writeFile(file, `basic_auth_users:\n${users.join('')}`);
  const web = await openWebConfig(file, { log: createLogger('silent'), signal: new AbortController().signal });
  const config = ServiceConfig.parse({ users: { anna: 'operator' } });
  api = await serveApi({ guarded: createAccess(config, { address: '127.0.0.1:0', web, clock: systemClock }) });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function change(headers: Record<string, string>): Promise<number> {
  const response = await fetch(`${api.url}/changes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ what: 'annotated', note: 'x' }),
  });
  return response.status;
}

test('a change by an operator is recorded under the name of the login', async () => {
  expect(await change(as('anna'))).toBe(201);
  expect(api.history.entries({ limit: 1 })).toMatchObject([{ by: { name: 'anna', through: 'api' } }]);
});

test.each([
  ['a client without a login', {}, 401],
  ['a wrong password', as('anna', 'guess'), 401],
  ['a token of another kind', { Authorization: 'Bearer anna' }, 401],
  ['names of a proxy that is not trusted', { 'X-Forwarded-User': 'anna', 'X-Forwarded-Groups': 'operator' }, 401],
  ['a viewer', as('eve'), 403],
  ['a viewer who says he is another', { ...as('eve'), 'X-Forwarded-User': 'anna', From: 'anna' }, 403],
  ['another site, by the browser of an operator', { ...as('anna'), Origin: 'https://evil.example' }, 403],
])('refuses a change by %s', async (_name, headers: Record<string, string>, status) => {
  const before = api.history.revision();
  expect(await change(headers)).toBe(status);
  expect(api.history.revision()).toBe(before);
});

test.each(['/fleet', '/ledger', '/openapi.json', '/healthz', '/nowhere'])('%s requires a login', async (path) => {
  expect((await fetch(api.url + path)).status).toBe(401);
  expect((await fetch(api.url + path, { headers: as('eve') })).status).toBe(path === '/nowhere' ? 404 : 200);
});
