// Defines the `tls` config of a cluster and converts it to options for Node's TLS.

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { orFault } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

export const TlsConfig = z.strictObject({
  ca: z.string().optional().describe('PEM file of the certificate authority of the brokers'),
  cert: z.string().optional().describe('PEM file of the client certificate'),
  key: Secret.optional().describe('private key of `cert` in PEM'),
  serverName: z.string().optional().describe('name to expect in the certificate, if it differs from the host'),
  verify: z.boolean().default(true).describe('false accepts any certificate: only for labs'),
});

export type TlsConfig = z.infer<typeof TlsConfig>;

/** @throws AppError config-invalid for a file that cannot be read, secret-unreadable for the key */
export function tlsOptions(tls: TlsConfig) {
  return {
    rejectUnauthorized: tls.verify,
    ...(tls.ca === undefined ? {} : { ca: readPem(tls.ca) }),
    ...(tls.cert === undefined ? {} : { cert: readPem(tls.cert) }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
  };
}

/** @returns options of a request to this URL; none for plain HTTP. @throws as `tlsOptions` */
export const requestTls = ({ protocol }: URL, tls: TlsConfig | undefined) =>
  tls === undefined || protocol !== 'https:'
    ? {}
    : { ...tlsOptions(tls), ...(tls.serverName !== undefined && { servername: tls.serverName }) };

/** @returns the server name for the handshake (SNI); undefined for an IP address, which RFC 6066 does not allow */
export const serverNameFor = (host: string, { serverName }: TlsConfig): string | undefined =>
  serverName ?? (isIP(host) === 0 ? host : undefined);

const readPem = (path: string): string =>
  orFault(
    () => readFileSync(path, 'utf8'),
    'config-invalid',
    `cannot read the TLS file ${path}`,
    'correct the path under `tls`; this user must be able to read the file',
  );
