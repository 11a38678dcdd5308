// Runs `plimsoll serve` with a real identity provider, users with passwords and roles per cluster.

import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { hashSync } from 'bcryptjs';
import { stringify } from 'yaml';
import { ignoreFault } from '../../../core/errors.ts';
import { servePlimsoll, type ServedPlimsoll } from '../served-plimsoll.ts';
import {
  clientSecret,
  freePort,
  startIdentityProvider,
  type IdentityProvider,
  type ServerCertificate,
} from './identity-provider.ts';

export const accounts = {
  sue: { groups: ['sre', 'everyone'] },
  otto: { groups: ['orders-ops'] },
  paula: { groups: ['payments', 'everyone'] },
  nick: { groups: ['everyone'] },
  greta: {},
};

const usualRoles = [
  { groups: ['sre'], role: 'operator' },
  { groups: ['orders-ops'], role: 'operator', clusters: ['orders-*'] },
  { groups: ['payments'], role: 'viewer', domains: ['payments'] },
];

export interface ServedWithOidc extends AsyncDisposable {
  /** URL without a trailing slash. */
  publicUrl: string;
  /** The first service. */
  service: ServedPlimsoll;
  /** Sends new connections to `publicUrl` to one service of a pair. */
  sendTo(instance: 0 | 1): void;
  provider: IdentityProvider;
  /** Headers with the operator token from the token file. */
  operator: { Authorization: string };
  /** Writes the config with other roles, and reloads the service. */
  giveRoles(roles: readonly object[]): Promise<void>;
}

export const passwordOfAnn = { Authorization: `Basic ${Buffer.from('ann:ann-secret').toString('base64')}` };

export async function serveWithOidc({
  oidc = {},
  secret = clientSecret,
  isProviderDown = false,
  inToken,
  tls,
  isTrusted = true,
  isPair = false,
  roles = usualRoles,
}: {
  oidc?: object;
  secret?: string;
  /** True if the provider is down when the service starts. */
  isProviderDown?: boolean;
  inToken?: boolean;
  /** Certificate of provider and service. */
  tls?: ServerCertificate & { caFile: string };
  /** True if the service trusts the certificate authority. */
  isTrusted?: boolean;
  /** True for two services with a shared state folder, behind a load balancer. */
  isPair?: boolean;
  roles?: readonly object[];
} = {}): Promise<ServedWithOidc> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-oidc-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const publicUrl = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const provider = opened.use(
    await startIdentityProvider({ publicUrl, accounts, tls, ...(inToken !== undefined && { inToken }) }),
  );
  if (isProviderDown) await provider.stop();
  const [configFile, webFile, secretFile] = ['plimsoll.yaml', 'web.yml', 'secret'].map((name) => join(folder, name));
  const kafka = { broker: 'kafka', bootstrap: ['127.0.0.1:1'] };
  const configOf = (roles: readonly object[]) =>
    stringify({
      clusters: { 'orders-eu': kafka, 'orders-us': kafka, payments: kafka },
      service: {
        listen: `127.0.0.1:${port}`,
        publicUrl,
        ...(isPair && { availability: 'pair' }),
        domains: { payments: { cluster: 'payments' } },
        users: { ann: 'operator' },
        roles,
        oidc: {
          issuer: provider.issuer,
          clientId: 'plimsoll',
          clientSecret: `\${file:${secretFile}}`,
          ...oidc,
        },
      },
    });
  await writeFile(secretFile ?? '', `${secret}\n`);
  await writeFile(configFile ?? '', configOf(roles));
  const files = { cert_file: join(folder, 'cert.pem'), key_file: join(folder, 'key.pem') };
  if (tls !== undefined) await Promise.all([writeFile(files.cert_file, tls.cert), writeFile(files.key_file, tls.key)]);
  await writeFile(
    webFile ?? '',
    stringify({ basic_auth_users: { ann: hashSync('ann-secret', 4) }, ...(tls && { tls_server_config: files }) }),
  );
  const state = join(folder, 'state');
  const words = ['--config', configFile ?? '', '--web.config.file', webFile ?? '', '--state-dir', state];
  const environment = tls && isTrusted ? { NODE_EXTRA_CA_CERTS: tls.caFile } : {};
  const start = async (...more: string[]) => opened.use(await servePlimsoll([...words, ...more], environment));
  const listening = isPair ? [await freePort(), await freePort()] : [port];
  const service = await start('--listen', `127.0.0.1:${listening[0]}`);
  let chosen: 0 | 1 = 0;
  if (isPair) {
    await start('--listen', `127.0.0.1:${listening[1]}`);
    const balancer = createServer((incoming) => {
      const onward = connect(listening[chosen] ?? 0, '127.0.0.1');
      pipeline(incoming, onward, incoming, ignoreFault('the other side has closed'));
    }).listen(port, '127.0.0.1');
    opened.defer(() => void balancer.close());
    await once(balancer, 'listening');
  }
  const token = (await readFile(join(state, 'operator-token'), 'utf8')).trim();
  const resources = opened.move();
  return {
    publicUrl,
    service,
    sendTo: (instance) => void (chosen = instance),
    provider,
    operator: { Authorization: `Bearer ${token}` },
    async giveRoles(roles) {
      await writeFile(configFile ?? '', configOf(roles));
      service.hangUp();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
