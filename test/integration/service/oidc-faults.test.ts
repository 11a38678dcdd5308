// Breaks logins at a real OpenID provider: outage, altered responses, replayed states, wrong secrets.

import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  createBrowser,
  passProvider,
  type CookieBrowser,
  type Shown,
} from '../../support/identity-provider/cookie-browser.ts';
import type { Alter, IdentityProvider } from '../../support/identity-provider/identity-provider.ts';
import { passwordOfAnn, serveWithOidc, type ServedWithOidc } from '../../support/identity-provider/served-with-oidc.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

const isCallback = (url: URL) => url.pathname === '/login/callback';

/** Returns the address to which the provider redirects the browser, without opening it. */
async function callbackOf({ publicUrl }: ServedWithOidc, browser: CookieBrowser, login = 'sue'): Promise<URL> {
  const asked = await browser.open(`${publicUrl}/login/start`);
  const back = await passProvider(browser, asked, login, { stopAt: isCallback });
  expect(isCallback(back.url)).toBe(true);
  return back.url;
}

/** Error and remedy, as the page shows them. */
const alertOf = ({ text }: Shown) =>
  (/role="alert">([\s\S]*?)<\/div>/.exec(text)?.[1] ?? '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

async function failures({ service, operator }: ServedWithOidc): Promise<string[]> {
  const answer = await service.get('/api/v1/changes?limit=100', { headers: operator });
  const { entries } = (await answer.json()) as { entries: { change: { what: string; after?: string } }[] };
  return entries.flatMap(({ change }) => (change.what === 'login-failed' ? [change.after ?? ''] : []));
}

const inToken =
  (provider: IdentityProvider, claims: (payload: Record<string, unknown>) => object): Alter =>
  (path, body) => {
    if (path !== '/token') return body;
    const answer = JSON.parse(body) as { id_token: string };
    const payload = JSON.parse(
      Buffer.from(answer.id_token.split('.')[1] ?? '', 'base64url').toString('utf8'),
    ) as Record<string, unknown>;
    return JSON.stringify({ ...answer, id_token: provider.resigned(answer.id_token, claims(payload)) });
  };

const sessionIn = ({ cookies }: CookieBrowser) => [...cookies].find(([name]) => /^plimsoll-oidc-\d+$/.test(name));
const seconds = () => Math.floor(Date.now() / 1000);

if (fullMatrix)
  describe('failing logins', () => {
    test('altered tokens and replayed or foreign states are refused with a hint, and then a login works', async () => {
      await using served = await serveWithOidc();
      const { publicUrl, provider, service } = served;
      const cases: [string, Alter, number, RegExp][] = [
        ['nonce', inToken(provider, () => ({ nonce: 'other' })), 400, /wrong nonce.*Log in again/],
        ['audience', inToken(provider, () => ({ aud: 'other' })), 400, /wrong audience.*clientId.*other/],
        ['issuer', inToken(provider, () => ({ iss: 'https://evil.example' })), 400, /another issuer.*evil\.example/],
        ['expired', inToken(provider, () => ({ exp: seconds() - 120 })), 400, /has expired.*NTP.*1[12]\d s/],
        [
          'future',
          inToken(provider, () => ({ nbf: seconds() + 900 })),
          400,
          /clocks of the provider and of this service differ.*NTP/,
        ],
        ['no subject', inToken(provider, () => ({ sub: undefined })), 400, /incomplete or malformed/],
        [
          'signature',
          (path, body) => (path === '/token' ? body.replace(/("id_token":"[^"]*\.)([^."]{8})/, '$1AAAAAAAA') : body),
          400,
          /signature of the ID token/,
        ],
        ['no JSON', (path, body) => (path === '/token' ? '<html>proxy</html>' : body), 502, /could not be used/],
        [
          'user names',
          (path, body) => (path === '/me' ? body.replace('"preferred_username"', '"nickname"') : body),
          400,
          /sent no name.*userClaim.*nickname/,
        ],
      ];
      for (const [name, alter, status, message] of cases) {
        const browser = createBrowser();
        const back = await callbackOf(served, browser);
        provider.alter(alter);
        const page = await browser.open(back);
        provider.alter(undefined);
        expect([name, page.status, alertOf(page)]).toEqual([name, status, expect.stringMatching(message)]);
        expect((await browser.open(`${publicUrl}/`)).url.pathname).toBe('/login');
      }

      const browser = createBrowser();
      const back = await callbackOf(served, browser);
      const pending = new Map(browser.cookies);
      expect((await browser.open(back)).url.href).toBe(`${publicUrl}/`);
      // A thief with only the address, and one with the cookie too.
      const thief = createBrowser();
      expect(alertOf(await thief.open(back))).toMatch(/started in another browser/);
      for (const [name, cookie] of pending) thief.cookies.set(name, cookie);
      thief.cookies.delete(`plimsoll-oidc-${new URL(publicUrl).port}`);
      expect(alertOf(await thief.open(back))).toMatch(/finished already/);
      expect((await thief.open(`${publicUrl}/`)).url.pathname).toBe('/login');
      // Modified manually.
      const forged = createBrowser();
      const session = sessionIn(browser);
      const [payload = '', mark = ''] = session?.[1].value.split('.') ?? [];
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as object;
      const changed = Buffer.from(JSON.stringify({ ...claims, name: 'root' })).toString('base64url');
      forged.cookies.set(session?.[0] ?? '', { value: `${changed}.${mark}`, path: '/', attributes: '' });
      expect((await forged.open(`${publicUrl}/`)).url.pathname).toBe('/login');

      const denied = createBrowser();
      const asked = await denied.open(`${publicUrl}/login/start`);
      const abort = /href="([^"]*\/abort)"/.exec(asked.text)?.[1] ?? '';
      const page = await denied.open(new URL(abort, asked.url));
      expect([page.status, alertOf(page)]).toEqual([403, expect.stringMatching(/did not log you in.*access_denied/)]);

      const reasons = await failures(served);
      expect(reasons).toHaveLength(cases.length + 3);
      expect(`${reasons.join('\n')}\n${service.said()}`).not.toMatch(/client-secret-of-the-test|eyJ[\w-]+\.|code=/);
    }, 180_000);

    test('while the provider is down, the page shows it, other logins work, and it is rarely contacted', async () => {
      await using served = await serveWithOidc({ isProviderDown: true });
      const { publicUrl, provider, service, operator } = served;
      const browser = createBrowser();
      // The page shows it before a login attempt.
      expect(alertOf(await browser.open(`${publicUrl}/`))).toMatch(/did not answer.*issuer.*ECONNREFUSED/);
      const failed = await browser.open(`${publicUrl}/login/start`);
      expect([failed.status, alertOf(failed)]).toEqual([
        502,
        expect.stringMatching(/did not answer.*issuer.*ECONNREFUSED/),
      ]);
      const page = await browser.open(`${publicUrl}/login?lang=zh`);
      expect(alertOf(page)).toMatch(/身份认证系统没有响应/);
      expect((await service.get('/', { headers: passwordOfAnn })).status).toBe(200);
      expect((await service.get('/', { headers: operator })).status).toBe(200);
      const withToken = await browser.submit(
        { ...page, text: page.text },
        { token: operator.Authorization.slice('Bearer '.length) },
        { action: '/login' },
      );
      expect([withToken.status, withToken.url.pathname]).toEqual([200, '/']);
      const asked = createBrowser();
      const prompt = await asked.open(`${publicUrl}/login/password?next=/ledger`);
      expect([prompt.status, prompt.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Basic/)]);

      await provider.start();
      provider.alter((path, body) => (path.startsWith('/.well-known') ? '{' : body));
      await delay(5100);
      const before = provider.requests.length;
      await Promise.all(Array.from({ length: 30 }, () => createBrowser().open(`${publicUrl}/login/start`)));
      expect(provider.requests.length - before).toBeLessThanOrEqual(1);
      expect(service.said().match(/no usable response from the identity provider/g)?.length).toBeLessThanOrEqual(4);

      provider.alter(undefined);
      await delay(5100);
      const user = createBrowser();
      const home = await passProvider(user, await user.open(`${publicUrl}/login/start`), 'sue');
      expect([home.status, home.url.href]).toEqual([200, `${publicUrl}/`]);

      // The provider stops while a user logs in; sessions continue.
      const late = createBrowser();
      const back = await callbackOf(served, late);
      await provider.stop();
      const cut = await late.open(back);
      expect([cut.status, alertOf(cut)]).toEqual([502, expect.stringMatching(/did not answer/)]);
      expect((await user.open(`${publicUrl}/api/v1/clusters`)).status).toBe(200);
    }, 120_000);

    test('a provider that responds with another issuer is refused', async () => {
      await using served = await serveWithOidc({ isProviderDown: true });
      await delay(5100);
      await served.provider.start();
      served.provider.alter((path, body) =>
        path.startsWith('/.well-known') ? body.replace(/"issuer":"[^"]*"/, '"issuer":"https://evil.example"') : body,
      );
      const page = await createBrowser().open(`${served.publicUrl}/login/start`);
      expect([page.status, alertOf(page)]).toEqual([502, expect.stringMatching(/could not be used.*well-known/)]);
    }, 60_000);

    test('a wrong client secret is reported as such, without the secret', async () => {
      await using served = await serveWithOidc({ secret: 'not-the-secret' });
      const browser = createBrowser();
      const page = await browser.open(await callbackOf(served, browser));
      expect([page.status, alertOf(page)]).toEqual([
        500,
        expect.stringMatching(/client secret is wrong.*clientAuthentication/),
      ]);
      expect(page.text + served.service.said()).not.toContain('not-the-secret');
      expect(await failures(served)).toEqual([expect.stringMatching(/client id or client secret is wrong/)]);
    }, 60_000);

    test('a session ends when the provider ends it, and after the configured time', async () => {
      await using served = await serveWithOidc({ inToken: true, oidc: { session: '1m' } });
      const { publicUrl, provider } = served;
      const lifetime = async (alter?: Alter) => {
        const browser = createBrowser();
        const back = await callbackOf(served, browser);
        provider.alter(alter);
        await browser.open(back, { stopAt: (url) => url.pathname === '/' });
        provider.alter(undefined);
        const session = sessionIn(browser);
        return { browser, seconds: Number(/Max-Age=(\d+)/.exec(session?.[1].attributes ?? '')?.[1]) };
      };
      expect((await lifetime()).seconds).toBe(60);
      const short = await lifetime(inToken(provider, () => ({ session_expiry: seconds() + 3 })));
      expect(short.seconds).toBeLessThanOrEqual(3);
      // A cookie copy that a browser kept too long.
      const [name, cookie] = sessionIn(short.browser) ?? [];
      const headers = { Cookie: `${name}=${cookie?.value}` };
      expect((await createBrowser().open(`${publicUrl}/`, { headers })).url.pathname).toBe('/');
      await delay(3100);
      expect((await createBrowser().open(`${publicUrl}/`, { headers })).url.pathname).toBe('/login');
    }, 60_000);

    test('a role removed from the config is removed from sessions at once, and the next login shows this', async () => {
      await using served = await serveWithOidc();
      const { publicUrl } = served;
      const browser = createBrowser();
      const home = await passProvider(browser, await browser.open(`${publicUrl}/login/start`), 'otto');
      const annotate = () =>
        browser.submit(home, { what: 'annotated', note: 'by otto' }, { action: '/clusters/orders-eu' });
      expect((await annotate()).text).toContain('by otto');
      await served.giveRoles([{ groups: ['orders-ops'], role: 'viewer', clusters: ['orders-eu'] }]);
      await expect.poll(async () => (await browser.open(`${publicUrl}/clusters/orders-us`)).status).toBe(404);
      expect((await annotate()).status).toBe(403);
      await served.giveRoles([{ groups: ['sre'], role: 'operator' }]);
      const asked = async () => (await browser.open(`${publicUrl}/clusters/orders-eu`)).url.pathname;
      await expect.poll(asked).toBe('/login');
      const again = await browser.open(`${publicUrl}/login/start`);
      expect([again.status, alertOf(again)]).toEqual([
        403,
        expect.stringMatching(/otto ?: You are logged in, but have no role.*groups: orders-ops/),
      ]);
    }, 60_000);

    test('the input of a form is kept if the session has expired', async () => {
      await using served = await serveWithOidc();
      const browser = createBrowser();
      const home = await passProvider(browser, await browser.open(`${served.publicUrl}/login/start`), 'otto');
      browser.cookies.clear();
      const kept = await browser.submit(
        home,
        { what: 'annotated', note: 'typed for long' },
        { action: '/clusters/orders-eu' },
      );
      expect(kept.status).toBe(403);
      expect(kept.text).toContain('typed for long');
      expect(kept.text).toMatch(/<a href="\/login" target="_blank">/);
      expect(kept.text).not.toContain('orders-us');
    }, 60_000);
  });
