// Runs `plimsoll serve` with a real identity provider, users with passwords and roles per cluster.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { servePlimsoll, type ServedPlimsoll } from '../served-plimsoll.ts';
import { clientSecret, freePort, startIdentityProvider, type IdentityProvider } from './identity-provider.ts';

export const accounts = {
  sue: { groups: ['sre', 'everyone'] },
  otto: { groups: ['orders-ops'] },
  paula: { groups: ['payments', 'everyone'] },
  nick: { groups: ['everyone'] },
  greta: {},
};

export interface ServedWithOidc extends AsyncDisposable {
  /** Without a slash at the end. */
  publicUrl: string;
  service: ServedPlimsoll;
  provider: IdentityProvider;
  /** Headers of an operator by the token in its file. */
  operator: { Authorization: string };
  /** Writes the config again. Takes effect with `hangUp`. */
  configure(over: object): Promise<void>;
}

export const passwordOfAnn = { Authorization: `Basic ${Buffer.from('ann:ann-secret').toString('base64')}` };

export async function serveWithOidc({
  oidc = {},
  secret = clientSecret,
  isProviderDown = false,
  inToken,
}: {
  oidc?: object;
  secret?: string;
  /** At the start of the service. */
  isProviderDown?: boolean;
  inToken?: boolean;
} = {}): Promise<ServedWithOidc> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-oidc-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const provider = opened.use(
    await startIdentityProvider({ publicUrl, accounts, ...(inToken !== undefined && { inToken }) }),
  );
  if (isProviderDown) await provider.stop();
  const [configFile, webFile, secretFile] = ['plimsoll.yaml', 'web.yml', 'secret'].map((name) => join(folder, name));
  const kafka = { broker: 'kafka', bootstrap: ['127.0.0.1:1'] };
  const configOf = (over: object) =>
    stringify({
      clusters: { 'orders-eu': kafka, 'orders-us': kafka, payments: kafka },
      service: {
        listen: `127.0.0.1:${port}`,
        publicUrl,
        domains: { payments: { cluster: 'payments' } },
        users: { ann: 'operator' },
        roles: [
          { groups: ['sre'], role: 'operator' },
          { groups: ['orders-ops'], role: 'operator', clusters: ['orders-*'] },
          { groups: ['payments'], role: 'viewer', domains: ['payments'] },
        ],
        oidc: {
          issuer: provider.issuer,
          clientId: 'plimsoll',
          clientSecret: `\${file:${secretFile}}`,
          ...over,
        },
      },
    });
  await writeFile(secretFile ?? '', `${secret}\n`);
  await writeFile(configFile ?? '', configOf(oidc));
  await writeFile(webFile ?? '', `basic_auth_users:\n  ann: '${hashSync('ann-secret', 4)}'\n`);
  const state = join(folder, 'state');
  const service = opened.use(
    await servePlimsoll(['--config', configFile ?? '', '--web.config.file', webFile ?? '', '--state-dir', state]),
  );
  const token = (await readFile(join(state, 'operator-token'), 'utf8')).trim();
  const resources = opened.move();
  return {
    publicUrl,
    service,
    provider,
    operator: { Authorization: `Bearer ${token}` },
    configure: (over) => writeFile(configFile ?? '', configOf(over)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
