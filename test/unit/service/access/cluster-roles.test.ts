// Checks who can view and change which cluster, for every page and every API operation.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { operations } from '../../../../service/api/registry.ts';
import type { Operation } from '../../../../service/api/operation.ts';
import type { SqliteHistory } from '../../../../service/history/sqlite-history.ts';
import { pages } from '../../../../service/pages/registry.ts';
import { annotation, operator } from '../../../support/history-entries.ts';
import { fullMatrix } from '../../../support/prerequisites.ts';
import { serveFleet } from '../../../support/served-fleet.ts';

const config = ServiceConfig.parse({
  domains: { shop: { cluster: 'logs' }, freight: { cluster: 'waybills' } },
  trustedProxy: { addresses: ['127.0.0.1'], operators: ['sre'], admins: ['root'] },
  roles: [
    { groups: ['orders-admins'], role: 'admin', clusters: ['orders'] },
    { groups: ['orders-ops'], role: 'operator', clusters: ['orders*'] },
    { groups: ['orders-ops'], role: 'viewer' },
    { groups: ['orders-team'], role: 'viewer', clusters: ['orders', 'ret*'] },
    { groups: ['shop'], role: 'operator', domains: ['shop'] },
    { users: ['ann'], role: 'viewer', clusters: ['waybills'] },
  ],
});

/** Clusters that each group can view and change; all other clusters are invisible to it. */
const table = [
  { group: 'sre', operates: ['orders', 'returns', 'logs', 'waybills'], views: [], isLimited: false },
  { group: 'root', operates: ['orders', 'returns', 'logs', 'waybills'], views: [], isLimited: false },
  { group: 'orders-admins', operates: ['orders'], views: [], isLimited: true },
  { group: 'orders-ops', operates: ['orders'], views: ['returns', 'logs', 'waybills'], isLimited: false },
  { group: 'orders-team', operates: [], views: ['orders', 'returns'], isLimited: true },
  { group: 'shop', operates: ['logs'], views: [], isLimited: true },
  { group: 'orders-team, shop', operates: ['logs'], views: ['orders', 'returns'], isLimited: true },
];
const clusters = ['orders', 'returns', 'logs', 'waybills'];

let history: SqliteHistory;
let url: string;
const ids = new Map<string, number>();
let idOfAll: number;
const opened = new AsyncDisposableStack();

beforeAll(async () => {
  const served = opened.use(await serveFleet(config));
  ({ url, history } = served);
  for (const cluster of clusters) {
    ids.set(cluster, history.append(annotation(`note-of-${cluster}`, { cluster }), operator).id);
  }
  const ofAll = history.append({ kind: 'change', document: { what: 'annotated', after: 'note-of-all' } }, operator);
  idOfAll = ofAll.id;
});
afterAll(() => opened.disposeAsync());

interface Sent {
  method?: string;
  body?: string | URLSearchParams;
  headers?: Record<string, string>;
}

async function ask(group: string, path: string, init: Sent = {}) {
  const headers = { 'X-Forwarded-User': 'bob', 'X-Forwarded-Groups': group, ...init.headers };
  const response = await fetch(new URL(path, url), { redirect: 'manual', ...init, headers });
  return { status: response.status, text: await response.text(), tag: response.headers.get('etag') };
}

const change = (group: string, asked: object) =>
  ask(group, '/api/v1/changes', {
    method: 'POST',
    body: JSON.stringify(asked),
    headers: { 'Content-Type': 'application/json' },
  });
const form = (group: string, path: string, fields: Record<string, string>) =>
  ask(group, path, { method: 'POST', body: new URLSearchParams(fields) });

const gets = (operations as readonly Operation[]).filter(({ method }) => method === 'get').map(({ path }) => path);
const allPaths = [
  ...pages.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}')),
  ...gets.map((path) => `/api/v1${path}`),
  '/api/groups?cluster={cluster}&group=g',
  '/live?cluster={cluster}',
  ...['/gc', '/what-if', '/plans', '/ledger', '/ledger.csv'].map((path) => `${path}?cluster={cluster}`),
  '/search?q={cluster}',
  '/clusters?var-cluster={cluster}',
];
const pathTo = (path: string, cluster: string) =>
  path
    .replaceAll('{cluster}', cluster)
    .replaceAll('{id}', String(ids.get(cluster) ?? 999_999))
    .replaceAll(/\{\w+\}/g, 'x');
/** Paths with a cluster or an entry of a cluster in them. */
const ofCluster = allPaths.filter((path) => path.includes('{cluster}') || path.includes('{id}'));
/** Paths about all clusters; test/unit/service/access/people.test.ts covers those for admins. */
const ofFleet = allPaths.filter((path) => !path.includes('{') && !path.endsWith('/people'));

/** The groups that differ most: an operator of all clusters, of some, and a viewer of some who operates another. */
const tried = fullMatrix
  ? table
  : table.filter(({ group }) => ['sre', 'orders-ops', 'orders-team, shop'].includes(group));

describe.each(tried)('group $group', ({ group, operates, views, isLimited }) => {
  const seen = [...operates, ...views];
  const hidden = clusters.filter((cluster) => !seen.includes(cluster));

  test.each(hidden.length > 0 ? ofCluster : [])(
    '%s responds for a hidden cluster as for an unknown one',
    async (path) => {
      const unknown = await ask(group, pathTo(path, 'nowhere'));
      for (const cluster of hidden) {
        const { status, text } = await ask(group, pathTo(path, cluster));
        expect([cluster, status]).toEqual([cluster, unknown.status]);
        // The address occurs in the page's links; a hint names clusters with similar names.
        const shown = text.replaceAll(cluster, 'nowhere').replaceAll(`/${ids.get(cluster)}`, '/999999');
        if (!path.startsWith('/api/')) expect(shown).toBe(unknown.text);
      }
    },
  );

  test.each(ofCluster)('%s responds for a visible cluster as it does for an operator of all clusters', async (path) => {
    for (const cluster of seen) {
      const [own, all] = [await ask(group, pathTo(path, cluster)), await ask('sre', pathTo(path, cluster))];
      expect([cluster, own.status]).toEqual([cluster, all.status]);
    }
  });

  test.each(ofFleet)('%s names no hidden cluster', async (path) => {
    const { status, text } = await ask(group, path);
    expect(status).toBeLessThan(400);
    for (const cluster of hidden) {
      expect(text).not.toContain(`/clusters/${cluster}`);
      expect(text).not.toContain(`note-of-${cluster}`);
      expect(text).not.toContain(`"cluster":"${cluster}"`);
    }
    if (isLimited) expect(text).not.toContain('note-of-all');
  });

  test('the API lists exactly the clusters that the group can see', async () => {
    const { text } = await ask(group, '/api/v1/clusters');
    const listed = (JSON.parse(text) as { clusters: { cluster: string }[] }).clusters.map(({ cluster }) => cluster);
    expect(listed.filter((name) => clusters.includes(name))).toEqual(seen.toSorted());
  });

  test('metrics cover all clusters and are only for users who see all of them', async () => {
    for (const path of ['/metrics', '/METRICS', '/exporter', '/probe?target=x']) {
      const { status } = await ask(group, path);
      if (isLimited) expect([path, status]).toEqual([path, 403]);
      else expect([path, status]).not.toEqual([path, 403]);
    }
  });

  test('changes through the API need the role on that cluster', async () => {
    const somewhere = operates.length > 0;
    const isOfAll = operates.length === clusters.length;
    for (const cluster of [...clusters, 'nowhere']) {
      const { status } = await change(group, { what: 'annotated', note: 'x', cluster });
      const isUnknown = hidden.includes(cluster) || (cluster === 'nowhere' && (isLimited || isOfAll));
      const expected = operates.includes(cluster) ? 201 : isUnknown && somewhere ? 404 : 403;
      expect([cluster, status]).toEqual([cluster, expected]);
    }
    for (const [cluster, entry] of ids) {
      const { status } = await change(group, { what: 'annotated', note: 'x', entry, cluster: operates[0] ?? 'orders' });
      const expected = operates.includes(cluster) ? 201 : views.includes(cluster) || !somewhere ? 403 : 404;
      expect([`entry of ${cluster}`, status]).toEqual([`entry of ${cluster}`, expected]);
    }
    const about = { what: 'annotated', note: 'x', entry: idOfAll, cluster: operates[0] ?? 'orders' };
    expect((await change(group, about)).status).toBe(isOfAll ? 201 : isLimited && somewhere ? 404 : 403);
  });

  test('changes through the page need the role on that cluster', async () => {
    for (const cluster of clusters) {
      const { status } = await form(group, `/clusters/${cluster}`, { what: 'annotated', note: 'x' });
      expect([cluster, status]).toEqual([cluster, operates.includes(cluster) ? 303 : 403]);
    }
  });

  test('a change that affects all clusters needs the role on all of them', async () => {
    const promotion = { name: 'sale', from: '2026-11-10T20:00', to: '2026-11-12T00:00' };
    const { status } = await change(group, { what: 'promotion-set', promotion });
    expect(status).toBe(operates.length === clusters.length ? 201 : 403);
  });

  test('forms for operators appear only on pages of clusters that the group operates', async () => {
    const roleOfOperators = /root|admins/.test(group) ? 'admin' : 'operator';
    for (const cluster of seen) {
      const { text } = await ask(group, `/clusters/${cluster}/load-test`);
      const overview = await ask(group, `/clusters/${cluster}`);
      expect([cluster, overview.text.includes('id="operator"')]).toEqual([cluster, operates.includes(cluster)]);
      const shown = (text.match(/<bdi>bob<\/bdi> \((\w+)\)/) ?? [])[1];
      expect([cluster, shown]).toEqual([cluster, operates.includes(cluster) ? roleOfOperators : 'viewer']);
    }
  });
});

test('refuses a user without a role and states what to do', async () => {
  const { status, text } = await ask('strangers', '/');
  expect(status).toBe(403);
  expect(text).toMatch(/bob has no role: .*service\.roles.*ask your Plimsoll administrator/);
});

test('a role can be granted to a single user by name', async () => {
  const { text } = await ask('strangers', '/api/v1/clusters', { headers: { 'X-Forwarded-User': 'ann' } });
  expect(JSON.parse(text)).toMatchObject({ clusters: [{ cluster: 'waybills' }] });
});

test('a response cached by a browser is not valid for a user who sees other clusters', async () => {
  const tags = await Promise.all(['root', 'sre', 'shop', 'orders-team'].map((group) => ask(group, '/api/v1/ledger')));
  expect(new Set(tags.map(({ tag }) => tag)).size).toBe(4);
});

test('a login is recorded once per user, no matter which sets of clusters the user sees', async () => {
  for (const group of ['orders-team', 'shop', 'sre'])
    await ask(group, '/', { headers: { 'X-Forwarded-User': 'cara' } });
  const logins = history.entries({ change: 'logged-in', limit: 100 }).filter(({ by }) => by.name === 'cara');
  expect(logins).toHaveLength(1);
});
