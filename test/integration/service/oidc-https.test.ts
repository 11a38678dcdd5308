// Logs in over HTTPS with certificates of a private authority, and through either of two services with one state folder.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBrowser, passProvider, type CookieBrowser } from '../../support/identity-provider/cookie-browser.ts';
import type { ServerCertificate } from '../../support/identity-provider/identity-provider.ts';
import { serveWithOidc } from '../../support/identity-provider/served-with-oidc.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const run = promisify(execFile);

/** Certificate authority that no machine trusts. */
async function privateAuthority(folder: string): Promise<ServerCertificate & { ca: string; caFile: string }> {
  const at = (name: string) => join(folder, name);
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '2'];
  const make = (name: string, isAuthority: boolean, ...more: string[]) => {
    const files = ['-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
    const constraints = `basicConstraints=critical,CA:${isAuthority ? 'TRUE' : 'FALSE'}`;
    const extensions = ['-addext', 'subjectAltName=IP:127.0.0.1', '-addext', constraints];
    return run('openssl', [...kind, '-subj', `/CN=${name}`, ...files, ...more, ...extensions]);
  };
  await make('authority', true);
  await make('server', false, '-CA', at('authority.pem'), '-CAkey', at('authority.key'));
  const [key, cert, ca] = await Promise.all(
    ['server.key', 'server.pem', 'authority.pem'].map((name) => readFile(at(name), 'utf8')),
  );
  return { key: key ?? '', cert: cert ?? '', ca: ca ?? '', caFile: at('authority.pem') };
}

const isCallback = (url: URL) => url.pathname === '/login/callback';
const sessionIn = ({ cookies }: CookieBrowser) => [...cookies].find(([name]) => /^plimsoll-oidc-\d+$/.test(name));

if (fullMatrix)
  requires('openssl').describe('an identity provider with a certificate of a private authority', () => {
    let folder: string;
    let tls: Awaited<ReturnType<typeof privateAuthority>>;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'plimsoll-authority-'));
      tls = await privateAuthority(folder);
    });
    afterAll(() => rm(folder, { recursive: true }));

    test('a login that starts at one instance and ends at the other is valid at both, and so is a logout', async () => {
      await using served = await serveWithOidc({ tls, isPair: true });
      const { publicUrl, provider } = served;
      const browser = createBrowser(tls);
      served.sendTo(0);
      const asked = await browser.open(`${publicUrl}/login/start`);
      expect(asked.url.origin).toBe(provider.issuer);
      expect(provider.issuer).toMatch(/^https:/);
      served.sendTo(1);
      const back = await passProvider(browser, asked, 'otto', { stopAt: isCallback });
      const pending = new Map(browser.cookies);
      const home = await browser.open(back.url);
      expect([home.status, home.url.href]).toEqual([200, `${publicUrl}/`]);
      const [name, cookie] = sessionIn(browser) ?? ['', { value: '', attributes: '' }];
      expect(cookie.attributes).toMatch(/HttpOnly; Secure; SameSite=Lax/);
      for (const instance of [0, 1] as const) {
        served.sendTo(instance);
        expect((await browser.open(`${publicUrl}/api/v1/clusters`)).status).toBe(200);
      }

      // A thief replays the address of the login with its cookie, at the instance that did not end it.
      const thief = createBrowser(tls);
      for (const [key, value] of pending) thief.cookies.set(key, value);
      served.sendTo(0);
      expect((await thief.open(back.url)).status).toBe(400);
      expect(sessionIn(thief)).toBeUndefined();

      const left = await browser.submit(home, {}, { action: '/logout' });
      const [, address = ''] = /url=(.*)/.exec(String(left.headers['refresh'])) ?? [];
      expect(new URL(address).origin).toBe(provider.issuer);
      const out = await browser.submit(await browser.open(address), { logout: 'yes' });
      expect([out.status, out.url.href]).toEqual([200, `${publicUrl}/login/out`]);
      for (const instance of [0, 1] as const) {
        served.sendTo(instance);
        const copy = await createBrowser(tls).open(`${publicUrl}/`, { headers: { Cookie: `${name}=${cookie.value}` } });
        expect([instance, copy.url.pathname]).toEqual([instance, '/login']);
      }
    }, 120_000);

    test('a service that does not trust the authority names the certificate error and the setting', async () => {
      await using served = await serveWithOidc({ tls, isTrusted: false });
      const page = await createBrowser(tls).open(`${served.publicUrl}/login/start`);
      expect(page.status).toBe(502);
      const shown = page.text.replaceAll(/<[^>]*>/g, ' ');
      expect(shown).toMatch(
        /did not answer.*(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|SELF_SIGNED_CERT_IN_CHAIN)/s,
      );
      expect(shown).toContain('NODE_EXTRA_CA_CERTS');
    }, 60_000);
  });
