// Defines the format of --web.config.file, that of Prometheus' exporter-toolkit.

import { z } from 'zod';

const version = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13']);

const clientAuthTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;

/** Go's names, which the format uses, with OpenSSL's (go.dev/src/crypto/tls/cipher_suites.go, openssl-ciphers(1)). */
export const cipherSuites = {
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
} as const;

export const curves = { CurveP256: 'P-256', CurveP384: 'P-384', CurveP521: 'P-521', X25519: 'X25519' } as const;

const keysOf = <Key extends string>(map: Readonly<Record<Key, string>>) => z.enum(Object.keys(map) as [Key, ...Key[]]);

export const TlsServerConfig = z
  .strictObject({
    cert: z.string().optional(),
    cert_file: z.string().optional(),
    key: z.string().optional(),
    key_file: z.string().optional(),
    client_ca: z.string().optional(),
    client_ca_file: z.string().optional(),
    client_auth_type: z.enum(clientAuthTypes).default('NoClientCert'),
    client_allowed_sans: z.array(z.string()).default([]),
    min_version: version.default('TLS12'),
    max_version: version.default('TLS13'),
    cipher_suites: z.array(keysOf(cipherSuites)).default([]),
    prefer_server_cipher_suites: z.boolean().default(true),
    curve_preferences: z.array(keysOf(curves)).default([]),
  })
  .superRefine((tls, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    for (const name of ['cert', 'key'] as const) {
      const given = [tls[name], tls[`${name}_file`]].filter((one) => one !== undefined).length;
      if (given !== 1) refuse(`needs ${name}_file (or ${name} with the PEM text), and not both`);
    }
    const hasAuthority = tls.client_ca !== undefined || tls.client_ca_file !== undefined;
    const verifies = /Verify/.test(tls.client_auth_type);
    if (verifies && !hasAuthority) refuse(`client_auth_type ${tls.client_auth_type} needs client_ca_file`);
    if (hasAuthority && tls.client_auth_type === 'NoClientCert') {
      refuse('client_ca_file has no effect without client_auth_type: RequireAndVerifyClientCert');
    }
    if (tls.client_allowed_sans.length > 0 && tls.client_auth_type !== 'RequireAndVerifyClientCert') {
      refuse('client_allowed_sans needs client_auth_type: RequireAndVerifyClientCert');
    }
    if (tls.min_version > tls.max_version) refuse('min_version is above max_version');
  });
export type TlsServerConfig = z.infer<typeof TlsServerConfig>;

/** The value is never printed, because it may be the password itself. */
const BcryptHash = z
  .string({ error: 'must be a bcrypt hash in quotes, such as `htpasswd -nBC 10 ""` prints' })
  .refine(isBcryptHash, 'must be a bcrypt hash, such as `htpasswd -nBC 10 ""` prints');

/** Version, cost, then 22 characters of salt and 31 of the hash. */
function isBcryptHash(text: string): boolean {
  return /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(text);
}

const Headers = z.strictObject({
  'Content-Security-Policy': z.string().optional(),
  'X-Frame-Options': z.enum(['deny', 'sameorigin']).optional(),
  'X-Content-Type-Options': z.enum(['nosniff']).optional(),
  'X-XSS-Protection': z.string().optional(),
  'Strict-Transport-Security': z.string().optional(),
});

/** An empty file sets no requirements. */
export const WebConfigFile = z
  .strictObject({
    tls_server_config: TlsServerConfig.nullish(),
    http_server_config: z
      .strictObject({
        http2: z.boolean().optional().describe('accepted for compatibility; only HTTP/1.1 is served'),
        headers: Headers.nullish(),
      })
      .nullish(),
    basic_auth_users: z.record(z.string(), BcryptHash).nullish(),
  })
  .nullable();
export type WebConfigFile = z.infer<typeof WebConfigFile>;
