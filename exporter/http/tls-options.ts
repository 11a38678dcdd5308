// Converts the TLS section of a web config file to Node's options, and checks client certificates.

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type SecureVersion, type TLSSocket } from 'node:tls';
import { resolve } from 'node:path';
import { AppError } from '../../core/errors.ts';
import { cipherSuites, curves, type TlsServerConfig } from './web-config.ts';

const versions: Readonly<Record<TlsServerConfig['min_version'], SecureVersion>> = {
  TLS10: 'TLSv1',
  TLS11: 'TLSv1.1',
  TLS12: 'TLSv1.2',
  TLS13: 'TLSv1.3',
};

/** TLS 1.3 suites, which Go always offers; our list would omit them. */
const suitesOfTls13 = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** @param folder base of relative file names. @throws AppError config-invalid if a file is missing or not PEM */
export function readSecureContext(tls: TlsServerConfig, folder: string): SecureContextOptions {
  const read = (text: string | undefined, file: string | undefined) =>
    text ?? (file === undefined ? undefined : readPem(resolve(folder, file)));
  const authority = read(tls.client_ca, tls.client_ca_file);
  const suites = tls.cipher_suites.map((name) => cipherSuites[name]);
  const options: SecureContextOptions = {
    cert: read(tls.cert, tls.cert_file) ?? '',
    key: read(tls.key, tls.key_file) ?? '',
    ...(authority !== undefined && { ca: authority }),
    minVersion: versions[tls.min_version],
    maxVersion: versions[tls.max_version],
    ...(suites.length > 0 && { ciphers: [...suitesOfTls13, ...suites].join(':') }),
    ...(tls.curve_preferences.length > 0 && { ecdhCurve: tls.curve_preferences.map((name) => curves[name]).join(':') }),
    honorCipherOrder: tls.prefer_server_cipher_suites,
  };
  try {
    createSecureContext(options);
  } catch (cause) {
    const what = `the certificate and key of tls_server_config cannot be used: ${(cause as Error).message}`;
    throw new AppError('config-invalid', what, { cause, hint: 'they must be PEM files and belong to each other' });
  }
  return options;
}

export function filesOf(tls: TlsServerConfig, folder: string): string[] {
  return [tls.cert_file, tls.key_file, tls.client_ca_file].flatMap((file) =>
    file === undefined ? [] : [resolve(folder, file)],
  );
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('config-invalid', `cannot read ${file}: ${(cause as Error).message}`, {
      cause,
      hint: 'tls_server_config names it; paths are relative to the web config file',
    });
  }
}

/** Whether the handshake, or the policy after it, admits a client. */
export function isClientAllowed(socket: TLSSocket, tls: TlsServerConfig): boolean {
  const certificate = socket.getPeerCertificate();
  const isGiven = Object.keys(certificate).length > 0;
  switch (tls.client_auth_type) {
    case 'NoClientCert':
    case 'RequestClientCert':
      return true;
    case 'RequireAnyClientCert':
      return isGiven;
    case 'VerifyClientCertIfGiven':
      return !isGiven || socket.authorized;
    case 'RequireAndVerifyClientCert':
      return socket.authorized && hasAllowedName(certificate.subjectaltname ?? '', tls.client_allowed_sans);
  }
}

/** @param names in Node's notation: `DNS:a.example, IP Address:10.0.0.1, email:x@example, URI:spiffe://…` */
function hasAllowedName(names: string, allowed: readonly string[]): boolean {
  if (allowed.length === 0) return true;
  return names.split(', ').some((name) => allowed.includes(name.slice(name.indexOf(':') + 1)));
}
