// Runs oidc-provider with accounts, groups and one client, as its one argument (JSON) says; ends with its standard input.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const { modules, issuer, clients, accounts, inToken } = JSON.parse(process.argv[2]);
const { default: Provider } = await import(pathToFileURL(join(modules, 'oidc-provider/lib/index.js')).href);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const provider = new Provider(issuer, {
  clients,
  jwks: { keys: [{ ...key, kid: 'test', use: 'sig', alg: 'RS256' }] },
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups', 'realm_access', 'session_expiry'] },
  conformIdTokenClaims: !inToken,
  cookies: { keys: ['of this test'] },
  pkce: { required: () => true },
  findAccount: (_context, id) =>
    accounts[id] && { accountId: id, claims: () => ({ sub: id, preferred_username: id, ...accounts[id] }) },
});
// By the header of the proxy in front: addresses and cookies are of HTTPS.
provider.proxy = issuer.startsWith('https:');
const server = createServer(provider.callback()).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: server.address().port, key })}\n`);
});
process.stdin.resume().on('end', () => process.exit());
