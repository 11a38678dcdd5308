// Checks what `service.oidc` and `service.roles` accept, and what their errors say.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../../../../app/config/config-file.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'plimsoll-login-config-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function read(service: string) {
  const file = join(folder, 'plimsoll.yaml');
  writeFileSync(file, `clusters:\n  orders: { broker: kafka, bootstrap: ['127.0.0.1:1'] }\nservice:\n${service}`);
  return readConfig(file, { signal: new AbortController().signal });
}

const problemsOf = async (service: string) => JSON.stringify(await read(service));

const login = (oidc: string, rest = `  roles: [{ groups: [sre], role: operator }]\n  publicUrl: https://p.example\n`) =>
  `  oidc: { issuer: 'https://login.example', clientId: plimsoll, clientSecret: '\${env:SECRET}'${oidc} }\n${rest}`;

test('the minimal config has issuer, client, secret, public URL and one role', async () => {
  const reading = await read(login(''));
  expect(reading).toMatchObject({
    config: {
      service: {
        oidc: {
          scopes: ['openid', 'profile'],
          userClaim: 'preferred_username',
          groupsClaim: 'groups',
          session: 8 * 3600,
          clockTolerance: 30,
          clientAuthentication: 'basic',
        },
      },
    },
  });
});

test.each([
  ['a secret in the file', login('').replace('${env:SECRET}', 'hunter2'), /clientSecret.*secrets are not allowed here/],
  [
    'an issuer without TLS',
    login('').replace('https://login', 'http://login'),
    /issuer.*needs https:\/\/ unless it is on the loopback/,
  ],
  ['no own address', login('', '  roles: [{ role: viewer }]\n'), /publicUrl.*publicUrl\/login\/callback/],
  [
    'no roles',
    login('', '  publicUrl: https://p.example\n'),
    /roles.*nobody who logs in has access; give a role to a group/,
  ],
  ['scopes without openid', login(', scopes: [profile]'), /scopes must include openid/],
  ['a session of a month', login(', session: 30d'), /a session lasts 1m to 7d/],
  ['an unknown key', login(', clientsecret: x'), /clientsecret.*clientSecret/],
  [
    'an unknown cluster',
    '  roles: [{ role: viewer, clusters: [order] }]\n',
    /roles.*unknown cluster.*did you mean orders\?/,
  ],
  [
    'an unknown domain',
    '  domains: { shop: { cluster: orders } }\n  roles: [{ role: viewer, domains: [shops] }]\n',
    /unknown domain.*did you mean shop\?/,
  ],
  ['a role that is none', '  roles: [{ role: admin }]\n', /roles.*role/],
])('%s is an error with a remedy', async (_, service, message) => {
  expect(await problemsOf(service)).toMatch(message);
});

test.each(['http://127.0.0.1:8080/realms/x', 'http://localhost:8080', 'http://[::1]:8080'])(
  'a provider on this machine needs no TLS: %s',
  async (issuer) => {
    expect(await problemsOf(login('').replace('https://login.example', issuer))).not.toContain('needs https');
  },
);

test('a cluster pattern of a role may match only future clusters', async () => {
  expect(await problemsOf("  roles: [{ role: viewer, clusters: ['payments-*'] }]\n")).not.toContain('unknown cluster');
});
