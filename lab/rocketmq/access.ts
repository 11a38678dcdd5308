// Configures access keys and TLS of a RocketMQ lab, and the matching client config.

import type { RocketmqRelease } from './release.ts';
import { type Certificates, makeCertificates } from '../certificates.ts';
import type { PrerequisiteIo } from '../prerequisites.ts';
import { type LabSecret, newSecret, prepareSecrets } from '../secrets.ts';

export interface RocketmqAccess {
  /** Checked by brokers; name servers never check them. */
  credentials?: { accessKey: string; secretKey: LabSecret };
  certificates?: Certificates;
}

/** @throws AppError prerequisite-missing, lab-failed */
export async function makeRocketmqAccess(
  { acl, tls }: { acl: boolean; tls: boolean },
  directory: string,
  hosts: readonly string[],
  io: PrerequisiteIo,
): Promise<RocketmqAccess> {
  if (!acl && !tls) return {};
  prepareSecrets(directory);
  return {
    ...(acl && { credentials: { accessKey: 'plimsoll-lab', secretKey: newSecret(directory, 'secret-key') } }),
    ...(tls && { certificates: await makeCertificates(directory, hosts, io) }),
  };
}

const auth = 'org.apache.rocketmq.auth';

/** 4.9 reads accounts from a file in its home; 5.x stores users, and this creates the first one. */
export function brokerAccess(
  { credentials }: RocketmqAccess,
  { generation }: RocketmqRelease,
): { properties: Record<string, string>; files: Record<string, string> } {
  if (credentials === undefined) return { properties: {}, files: {} };
  const { accessKey, secretKey } = credentials;
  if (generation === 4) {
    return {
      properties: { aclEnable: 'true' },
      files: {
        'conf/plain_acl.yml': `accounts:\n  - accessKey: ${accessKey}\n    secretKey: ${secretKey.text}\n    admin: true\n`,
        // Credentials of a slave's requests to its master.
        'conf/tools.yml': `accessKey: ${accessKey}\nsecretKey: ${secretKey.text}\n`,
      },
    };
  }
  return {
    properties: {
      authenticationEnabled: 'true',
      authenticationProvider: `${auth}.authentication.provider.DefaultAuthenticationProvider`,
      authenticationMetadataProvider: `${auth}.authentication.provider.LocalAuthenticationMetadataProvider`,
      initAuthenticationUser: JSON.stringify({ username: accessKey, password: secretKey.text }),
      innerClientAuthenticationCredentials: JSON.stringify({ accessKey, secretKey: secretKey.text }),
      authorizationEnabled: 'true',
      authorizationProvider: `${auth}.authorization.provider.DefaultAuthorizationProvider`,
      authorizationMetadataProvider: `${auth}.authorization.provider.LocalAuthorizationMetadataProvider`,
    },
    files: {},
  };
}

/** Returns the proxy's JSON keys. */
export function proxyAccess({ credentials, certificates }: RocketmqAccess): Record<string, string | boolean> {
  return {
    ...(credentials && {
      authenticationEnabled: true,
      authenticationProvider: `${auth}.authentication.provider.DefaultAuthenticationProvider`,
      authenticationMetadataProvider: 'org.apache.rocketmq.proxy.auth.ProxyAuthenticationMetadataProvider',
      // Otherwise the proxy sends unsigned requests to brokers.
      enableAclRpcHookForClusterMode: true,
      innerClientAuthenticationCredentials: JSON.stringify({
        accessKey: credentials.accessKey,
        secretKey: credentials.secretKey.text,
      }),
    }),
    ...(certificates && {
      tlsTestModeEnable: false,
      tlsKeyPath: certificates.server.key,
      tlsCertPath: certificates.server.cert,
    }),
  };
}

/** For every process, because each is both a TLS server and a client. */
export function tlsOptions({ certificates }: RocketmqAccess): string[] {
  if (certificates === undefined) return [];
  const { ca, server } = certificates;
  const properties = {
    'tls.enable': 'true',
    'tls.test.mode.enable': 'false',
    'tls.server.mode': 'enforcing',
    'tls.server.keyPath': server.key,
    'tls.server.certPath': server.cert,
    'tls.client.authServer': 'true',
    'tls.client.trustCertPath': ca,
  };
  return Object.entries(properties).map(([key, value]) => `-D${key}=${value}`);
}

/** Renders its lines of `clusters.lab`. */
export function rocketmqAccessLines({ credentials, certificates }: RocketmqAccess): string[] {
  return [
    ...(credentials
      ? ['credentials:', `  accessKey: ${credentials.accessKey}`, `  secretKey: ${credentials.secretKey.reference}`]
      : []),
    ...(certificates ? ['tls:', `  ca: ${certificates.ca}`] : []),
  ];
}

/** Renders the same for the proxy; the access key is that of the cluster. */
export function rocketmqProxyLines(address: string, host: string, { certificates }: RocketmqAccess): string[] {
  return [
    'proxy:',
    `  address: "${address}"`,
    `  hosts: [${host}]`,
    ...(certificates ? ['  tls:', `    ca: ${certificates.ca}`] : []),
  ];
}
