// Checks who can list users with access and end sessions, on pages and through the API.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { AccessReview } from '../../../../core/documents/access-review.ts';
import { systemClock } from '../../../../core/clock.ts';
import { openKeptLogins, type KeptLogins } from '../../../../service/access/kept-logins.ts';
import { openEndedSessions } from '../../../../service/access/oidc/ended-sessions.ts';
import { fillHistory } from '../../../support/history-entries.ts';
import { serveFleet, type ServedFleet } from '../../../support/served-fleet.ts';

const roles = [
  { groups: ['orders-admins'], role: 'admin', clusters: ['orders'] },
  { groups: ['orders-ops'], role: 'operator', clusters: ['orders'] },
  { groups: ['loggers'], role: 'operator', clusters: ['logs'] },
  { groups: ['everyone'], role: 'viewer' },
  { groups: ['left'], role: 'viewer', clusters: ['logs'] },
  { users: ['channel:oncall'], role: 'operator' },
];
const config = (over: object = {}) =>
  ServiceConfig.parse({
    trustedProxy: { addresses: ['127.0.0.1'], operators: ['sre'], admins: ['root'] },
    users: { 'never-seen': 'operator', alertmanager: 'notifier' },
    roles,
    ...over,
  });

let folder: string;
let kept: KeptLogins;
let served: ServedFleet;
const ends = Date.now() + 3_600_000;

async function open(over: object = {}) {
  const parts = { clock: systemClock, log: { warn: expect.fail } };
  kept = openKeptLogins(folder, { ...parts, ended: openEndedSessions(folder, parts) });
  served = await serveFleet(config(over), kept);
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-people-'));
  await open();
  const way = 'identity-provider';
  const at = Date.parse('2026-11-10T12:00:00Z');
  kept.note({ name: 'otto', way, groups: ['orders-ops', 'loggers'], at, session: { id: 'otto-1', ends } });
  kept.note({ name: 'otto', way, groups: ['orders-ops', 'loggers'], at, session: { id: 'otto-2', ends } });
  kept.note({ name: 'lola', way, groups: ['loggers'], at, session: { id: 'lola-1', ends } });
  kept.note({ name: 'gone', way: 'password', groups: [], at });
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function ask(groups: string, path: string, init: RequestInit = {}) {
  const headers = { 'X-Forwarded-User': 'bob', 'X-Forwarded-Groups': groups, ...(init.headers as object) };
  const response = await fetch(new URL(path, served.url), { redirect: 'manual', ...init, headers });
  return { status: response.status, text: await response.text(), cache: response.headers.get('cache-control') };
}
const review = async (groups: string) => {
  const { schemaVersion: _, ...body } = JSON.parse((await ask(groups, '/api/v1/people')).text) as Record<
    string,
    unknown
  >;
  return AccessReview.parse(body);
};
const end = (groups: string, name: string) =>
  ask(groups, '/api/v1/changes', {
    method: 'POST',
    body: JSON.stringify({ what: 'sessions-ended', name, why: 'left the company' }),
    headers: { 'Content-Type': 'application/json' },
  });
const submit = (groups: string, name: string, headers: Record<string, string> = {}) =>
  ask(groups, '/people', { method: 'POST', body: new URLSearchParams({ name }), headers });
const ended = () => ['otto-1', 'otto-2', 'lola-1'].filter((id) => kept.isEnded(id));

describe('access to the list of people', () => {
  test.each(['everyone', 'sre', 'orders-ops', 'everyone, loggers'])(
    '%s: refused, and the response names nobody',
    async (groups) => {
      for (const path of ['/people', '/people?lang=zh', '/api/v1/people']) {
        const { status, text } = await ask(groups, path);
        expect([path, status]).toEqual([path, 403]);
        expect(text).not.toMatch(/otto|lola|gone|loggers|orders-ops/);
      }
      expect((await ask(groups, '/')).text).not.toContain('href="/people"');
    },
  );

  test('an admin of all clusters sees everybody with their role on each cluster, and unused entries', async () => {
    const { people, unused } = await review('root');
    // Bob is listed only after opening a page: the API is for programs.
    expect(people.map(({ name }) => name)).toEqual(['gone', 'lola', 'otto']);
    const [gone, , otto] = people;
    expect(gone).toEqual({
      name: 'gone',
      way: 'password',
      groups: [],
      lastLoginAt: '2026-11-10T12:00:00.000Z',
      openSessions: [],
      roles: [],
    });
    expect(otto).toMatchObject({ groups: ['orders-ops', 'loggers'], lastLoginAt: '2026-11-10T12:00:00.000Z' });
    expect(otto?.openSessions).toEqual([ends, ends].map((each) => ({ endsAt: new Date(each).toISOString() })));
    expect(otto?.roles.filter(({ cluster }) => ['orders', 'logs', 'returns'].includes(cluster))).toEqual(
      expect.toSatisfy(
        (held: { cluster: string; role: string }[]) =>
          ['orders operator', 'logs operator'].every((each) =>
            held.some(({ cluster, role }) => `${cluster} ${role}` === each),
          ) && held.length === 2,
      ),
    );
    expect(unused.map(({ users, groups }) => [users, groups].flat().filter(Boolean).join())).toEqual([
      'never-seen',
      'orders-admins',
      'everyone',
      'left',
    ]);
  });

  test('an admin of one cluster sees that cluster, the people with a role on it and their groups for it', async () => {
    const { people, unused } = await review('orders-admins');
    expect(people).toMatchObject([
      { name: 'otto', groups: ['orders-ops'], roles: [{ cluster: 'orders', role: 'operator' }] },
    ]);
    expect(unused).toEqual([]);
    const { status, text } = await ask('orders-admins', '/people');
    expect(status).toBe(200);
    expect(text).toContain('otto');
    expect(text).not.toMatch(/lola|loggers|never-seen/);
    // Only an admin of all clusters has the button.
    expect(text).not.toContain('End sessions');
    expect((await ask('orders-admins', '/')).text).toContain('href="/people"');
  });

  test('an admin who opens a page is listed, with the groups that the config mentions', async () => {
    const { text, cache } = await ask('root, other', '/people');
    expect(cache).toBe('no-store');
    expect(text).toMatch(/name="name" value="otto"/);
    expect(text).not.toMatch(/name="name" value="(gone|bob)"/);
    expect((await review('root')).people.find(({ name }) => name === 'bob')).toMatchObject({
      way: 'proxy',
      groups: ['root'],
      openSessions: [],
    });
  });
});

describe('ending sessions', () => {
  test.each(['everyone', 'sre', 'orders-ops', 'orders-admins'])('%s: refused by page and API', async (groups) => {
    expect((await end(groups, 'otto')).status).toBe(403);
    expect((await submit(groups, 'otto')).status).toBe(403);
    expect(ended()).toEqual([]);
    expect(served.history.entries({ change: 'sessions-ended', limit: 10 })).toEqual([]);
  });

  test('an admin of one cluster cannot end sessions through the form of that cluster', async () => {
    const fields = new URLSearchParams({ what: 'sessions-ended', name: 'otto' });
    const { status } = await ask('orders-admins', '/clusters/orders', { method: 'POST', body: fields });
    expect([status, ended()]).toEqual([404, []]);
  });

  test('an admin of all clusters can end the sessions of one person, and the history records it', async () => {
    expect((await end('root', 'otto')).status).toBe(201);
    expect(ended()).toEqual(['otto-1', 'otto-2']);
    expect((await submit('root', 'lola')).status).toBe(303);
    expect(ended()).toEqual(['otto-1', 'otto-2', 'lola-1']);
    expect(served.history.entries({ change: 'sessions-ended', limit: 10 })).toMatchObject([
      { by: { name: 'bob', through: 'page' }, document: { after: 'lola' } },
      { by: { name: 'bob', through: 'api' }, document: { after: 'otto' }, why: 'left the company' },
    ]);
  });

  test('with a full history the sessions are still ended, and the admin sees that this is not recorded', async () => {
    fillHistory(served.history);
    const byApi = await end('root', 'otto');
    expect([byApi.status, ended()]).toEqual([507, ['otto-1', 'otto-2']]);
    expect(byApi.text).toContain('the sessions of otto are ended, but this is not on record');
    const byPage = await submit('root', 'lola');
    expect([byPage.status, ended()]).toEqual([507, ['otto-1', 'otto-2', 'lola-1']]);
    expect(byPage.text).toContain('the sessions of lola are ended, but this is not on record');
  });

  test('nothing is recorded for a person without an open session', async () => {
    for (const name of ['gone', 'nobody']) expect((await end('root', name)).status).toBe(404);
    expect((await submit('root', 'gone')).status).toBe(303);
    expect(served.history.entries({ change: 'sessions-ended', limit: 10 })).toEqual([]);
  });

  test('a request from another site ends no sessions', async () => {
    expect((await submit('root', 'otto', { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await submit('root', 'otto', { Origin: 'http://evil.example' })).status).toBe(403);
    expect(ended()).toEqual([]);
  });
});

describe('logins in the history', () => {
  const id = () =>
    served.history.append({ kind: 'change', document: { what: 'logged-in', after: 'identity provider' } }, by).id;
  const by = { name: 'secretive', through: 'page' } as const;

  async function seenBy(groups: string, entry: number) {
    const paths = [
      '/api/v1/ledger',
      '/api/v1/changes',
      '/ledger',
      '/ledger.csv',
      `/ledger/${entry}`,
      `/api/v1/ledger/${entry}`,
    ];
    const answers = await Promise.all(paths.map((path) => ask(groups, path)));
    return new Set(answers.map(({ text }) => text.includes('secretive')));
  }

  test('only admins of all clusters see them if the config names an admin', async () => {
    const entry = id();
    expect(await seenBy('root', entry)).toEqual(new Set([true]));
    for (const groups of ['sre', 'everyone', 'everyone, orders-admins', 'orders-admins']) {
      expect(await seenBy(groups, entry)).toEqual(new Set([false]));
    }
    expect((await ask('sre', `/ledger/${entry}`)).status).toBe(404);
  });

  test('every user who sees all clusters sees them if the config names no admin', async () => {
    await served[Symbol.asyncDispose]();
    await open({
      trustedProxy: { addresses: ['127.0.0.1'], operators: ['sre'] },
      roles: roles.filter(({ role }) => role !== 'admin'),
    });
    const entry = id();
    for (const groups of ['sre', 'everyone']) expect(await seenBy(groups, entry)).toEqual(new Set([true]));
    expect(await seenBy('orders-ops', entry)).toEqual(new Set([false]));
  });
});
