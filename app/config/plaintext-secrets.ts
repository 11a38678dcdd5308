// Finds passwords and tokens that can be intercepted: SASL/PLAIN without verified TLS, and logins over http://.

import { addressesOf } from '../../brokers/addresses.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { SecretReference } from '../../core/secret.ts';
import type { Logger } from '../../core/log.ts';
import { parseListenAddress } from '../../exporter/config.ts';
import type { WatchedWebConfig } from '../../exporter/http/web-config-file.ts';
import type { Config } from './config-file.ts';
import { isSafeUrl } from './service-oidc.ts';

interface PlaintextSecret {
  /** Path in the config file, such as `clusters.orders.sasl`. */
  path: string;
  message: string;
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|localhost|\[?::1\]?)$/i;

export function plaintextSecrets(config: Config): PlaintextSecret[] {
  const clusters = Object.entries(config.clusters).flatMap(([name, cluster]) => {
    const message = clusterMessage(cluster);
    return message === undefined ? [] : [{ path: `clusters.${name}`, message }];
  });
  return [...clusters, ...overHttp(config, '')];
}

/** Runs at the start of a long-running process, for its own login and those it uses. */
export function warnOfPlaintext(
  { config, address, web }: { config: Config; address: string; web: WatchedWebConfig | undefined },
  log: Logger,
): void {
  for (const { path, message } of plaintextSecrets(config)) log.warn({ path }, message);
  const host = parseListenAddress(address)?.host;
  const { tls, users = {} } = web?.current() ?? {};
  if (host === undefined || loopback.test(host) || tls !== undefined || Object.keys(users).length === 0) return;
  log.warn(
    { address },
    'passwords of users cross the network in plain text: add tls_server_config to the web config file, or a proxy with TLS in front',
  );
}

/** Mechanisms that do not send the secret, such as SCRAM and access key signatures, are safe without TLS. */
function clusterMessage(cluster: ClusterConfig): string | undefined {
  if (cluster.tls?.verify === true) return undefined;
  if (addressesOf(cluster).every((address) => loopback.test(address.slice(0, address.lastIndexOf(':')))))
    return undefined;
  const message = (secret: string, withoutTls: string) =>
    cluster.tls === undefined
      ? withoutTls
      : `with \`tls.verify: false\` any server can pose as a broker and get the ${secret}: set \`tls.ca\` to the certificate authority of the brokers, and remove \`verify\``;
  return byKind<ClusterConfig, string | undefined>(cluster, {
    kafka({ sasl }) {
      switch (sasl?.mechanism) {
        case 'plain':
          return message(
            'password',
            'SASL/PLAIN without TLS sends the password in plain text: add `tls`, or use SCRAM',
          );
        case 'oauthbearer':
        case 'aws-msk-iam':
          return message('token', 'OAUTHBEARER without TLS sends the token in plain text: add `tls`');
        default:
          return undefined;
      }
    },
    rocketmq: ({ credentials }) =>
      credentials?.securityToken === undefined
        ? undefined
        : message('security token', 'the security token is sent in plain text without TLS: add `tls`'),
  });
}

/** An object with a URL and a secret sends the secret to that URL. */
function overHttp(value: unknown, path: string): PlaintextSecret[] {
  if (typeof value !== 'object' || value === null || value instanceof SecretReference) return [];
  const entries = Object.entries(value);
  const own = entries.flatMap(([, text]): PlaintextSecret[] =>
    typeof text === 'string' && isPlainHttp(text) && entries.some(([, beside]) => isLogin(beside))
      ? [{ path, message: `${text} is plain HTTP, so the login crosses the network in plain text: use https://` }]
      : [],
  );
  const below = entries.flatMap(([key, each]) => overHttp(each, path === '' ? key : `${path}.${key}`));
  return [...own, ...below];
}

const isLogin = (value: unknown): boolean =>
  value instanceof SecretReference ||
  (typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).some((each) => each instanceof SecretReference));

const isPlainHttp = (text: string): boolean => text.startsWith('http://') && URL.canParse(text) && !isSafeUrl(text);
