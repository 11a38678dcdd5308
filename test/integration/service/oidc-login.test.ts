// Logs in to `plimsoll serve` at a real OpenID provider, over HTTP, with group roles per cluster.

import { expect, test } from 'vitest';
import {
  createBrowser,
  passProvider,
  type CookieBrowser,
  type Shown,
} from '../../support/identity-provider/cookie-browser.ts';
import { passwordOfAnn, serveWithOidc } from '../../support/identity-provider/served-with-oidc.ts';

const sessionIn = ({ cookies }: CookieBrowser) => [...cookies].find(([name]) => /^plimsoll-oidc-\d+$/.test(name));
const namesIn = ({ text }: Shown) =>
  (JSON.parse(text) as { clusters: { cluster: string }[] }).clusters.map(({ cluster }) => cluster);

test('users log in at the provider, view and change what their groups allow, and log out of both', async () => {
  await using served = await serveWithOidc();
  const { publicUrl, provider } = served;

  const browser = createBrowser();
  const loginPage = await browser.open(`${publicUrl}/clusters/orders-eu?lang=zh`);
  expect(loginPage.status).toBe(200);
  expect(loginPage.url.pathname).toBe('/login');
  // The page shows nothing about clusters.
  expect(loginPage.text).not.toMatch(/payments|orders-us/);
  const asked = await browser.open(
    `${publicUrl}/login/start?next=${encodeURIComponent('/clusters/orders-eu?lang=zh')}`,
  );
  expect(asked.url.origin).toBe(provider.issuer);
  const page = await passProvider(browser, asked, 'otto');
  expect([page.status, page.url.href]).toEqual([200, `${publicUrl}/clusters/orders-eu?lang=zh`]);
  expect(page.text).toContain('<bdi>otto</bdi>（操作员）');
  const session = sessionIn(browser);
  expect(session?.[1].attributes).toMatch(/Max-Age=28800;.*HttpOnly; SameSite=Lax/);
  expect([...browser.cookies.keys()].filter((name) => name.includes('-login-'))).toEqual([]);

  expect(namesIn(await browser.open(`${publicUrl}/api/v1/clusters`))).toEqual(['orders-eu', 'orders-us']);
  const hidden = await browser.open(`${publicUrl}/clusters/payments`);
  expect(hidden.status).toBe(404);
  const note = await browser.submit(page, { what: 'annotated', note: 'by otto' }, { action: '/clusters/orders-eu' });
  expect(note.text).toContain('by otto');

  const left = await browser.submit(page, {}, { action: '/logout' });
  expect(left.status).toBe(200);
  const [, address = ''] = /url=(.*)/.exec(String(left.headers['refresh'])) ?? [];
  const confirm = await browser.open(address);
  expect(confirm.url.origin).toBe(provider.issuer);
  const out = await browser.submit(confirm, { logout: 'yes' });
  expect([out.status, out.url.href]).toEqual([200, `${publicUrl}/login/out`]);
  expect(out.text).toContain('You are logged out.');
  // The provider requires a login again, and so does the service, even for a copy of the cookie.
  const [name, { value }] = session ?? ['', { value: '' }];
  expect((await browser.open(`${publicUrl}/`, { headers: { Cookie: `${name}=${value}` } })).url.pathname).toBe(
    '/login',
  );
  expect((await browser.open(`${publicUrl}/login/start`)).text).toContain('name="login"');

  const viewer = createBrowser();
  const home = await passProvider(viewer, await viewer.open(`${publicUrl}/login/start`), 'paula');
  expect(home.url.href).toBe(`${publicUrl}/`);
  expect(namesIn(await viewer.open(`${publicUrl}/api/v1/clusters`))).toEqual(['payments']);
  expect((await viewer.open(`${publicUrl}/metrics`)).status).toBe(403);
  const refused = await viewer.submit(home, { what: 'annotated', note: 'x' }, { action: '/clusters/payments' });
  expect(refused.status).toBe(403);

  const stranger = createBrowser();
  const noRole = await passProvider(stranger, await stranger.open(`${publicUrl}/login/start`), 'nick');
  expect(noRole.status).toBe(403);
  expect(noRole.text).toMatch(/nick<\/bdi>: You are logged in, but have no role.*groups: everyone/s);
  expect((await stranger.open(`${publicUrl}/`)).url.pathname).toBe('/login');
  // Another account can be selected, although the provider remembers this one.
  const again = /<a class="button" href="([^"]*)"/.exec(noRole.text)?.[1] ?? '';
  expect((await stranger.open(new URL(again, publicUrl))).text).toContain('name="login"');

  // Programs, passwords and the operator token work as before.
  expect((await served.service.get('/api/v1/clusters')).status).toBe(401);
  expect((await served.service.get('/api/v1/clusters', { headers: passwordOfAnn })).status).toBe(200);
  const logins = await served.service.get('/api/v1/changes?limit=100', { headers: served.operator });
  const { entries } = (await logins.json()) as { entries: { by: { name: string }; change: { what: string } }[] };
  expect(entries.map(({ by, change }) => `${by.name} ${change.what}`).toReversed()).toEqual([
    'otto logged-in',
    'otto annotated',
    'otto logged-out',
    'paula logged-in',
    'nick login-failed',
  ]);
  expect(served.service.said()).not.toMatch(/client-secret-of-the-test|eyJ/);
  expect(JSON.stringify(entries)).not.toMatch(/client-secret-of-the-test|eyJ/);
}, 60_000);

test('an admin ends the sessions of another person, whose next request is refused by both instances', async () => {
  const roles = [
    { groups: ['sre'], role: 'admin' },
    { groups: ['orders-ops'], role: 'admin', clusters: ['orders-*'] },
    { groups: ['payments'], role: 'viewer', domains: ['payments'] },
  ];
  await using served = await serveWithOidc({ isPair: true, roles });
  const { publicUrl, sendTo } = served;
  const logIn = async (name: string) => {
    const browser = createBrowser();
    const home = await passProvider(browser, await browser.open(`${publicUrl}/login/start`), name);
    expect(home.url.href).toBe(`${publicUrl}/`);
    return { browser, home };
  };
  const sue = await logIn('sue');
  const otto = await logIn('otto');
  sendTo(1);
  const paula = await logIn('paula');

  // A viewer sees none of it, an admin of some clusters only these.
  expect((await paula.browser.open(`${publicUrl}/people`)).status).toBe(403);
  expect((await paula.browser.open(`${publicUrl}/api/v1/people`)).text).not.toMatch(/otto|sue|orders-ops/);
  const some = await otto.browser.open(`${publicUrl}/people`);
  expect(some.status).toBe(200);
  expect(some.text).toMatch(/otto.*sue/s);
  expect(some.text).not.toContain('paula');
  expect((await otto.browser.submit(some, { name: 'sue' }, { action: '/people' })).status).toBe(403);

  const { people } = JSON.parse((await sue.browser.open(`${publicUrl}/api/v1/people`)).text) as {
    people: { name: string; groups: string[]; openSessions: object[]; roles: { cluster: string; role: string }[] }[];
  };
  expect(people).toMatchObject([
    { name: 'otto', groups: ['orders-ops'], openSessions: [{}] },
    { name: 'paula', groups: ['payments'], roles: [{ cluster: 'payments', role: 'viewer' }] },
    { name: 'sue', groups: ['sre'], openSessions: [{}] },
  ]);
  expect(people[0]?.roles).toEqual([
    { cluster: 'orders-eu', role: 'admin' },
    { cluster: 'orders-us', role: 'admin' },
  ]);

  const page = await sue.browser.open(`${publicUrl}/people`);
  const after = await sue.browser.submit(page, { name: 'otto' }, { action: '/people' });
  expect([after.status, after.url.pathname]).toEqual([200, '/people']);
  for (const instance of [0, 1] as const) {
    sendTo(instance);
    expect((await otto.browser.open(`${publicUrl}/people`)).url.pathname).toBe('/login');
    expect((await otto.browser.open(`${publicUrl}/api/v1/clusters`)).status).toBe(401);
    expect(namesIn(await paula.browser.open(`${publicUrl}/api/v1/clusters`))).toEqual(['payments']);
    expect((await sue.browser.open(`${publicUrl}/people`)).status).toBe(200);
  }
  const recorded = await sue.browser.open(`${publicUrl}/api/v1/ledger?change=sessions-ended`);
  expect(JSON.parse(recorded.text)).toMatchObject({
    entries: [{ by: { name: 'sue', through: 'page' }, change: { what: 'sessions-ended', after: 'otto' } }],
  });
}, 90_000);
