// Reads the web config file, and re-reads it when it, a certificate or a key changes.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext, type SecureContextOptions, type SecureVersion, type TLSSocket } from 'node:tls';
import { type Clock, systemClock } from '../../core/clock.ts';
import { describeProblems, loadConfigFile, parseConfig } from '../../core/config-file.ts';
import { AppError, orFault } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { cipherSuites, curves, type TlsServerConfig, WebConfigFile } from './web-config.ts';

export interface WebConfig {
  /** Absent without TLS. */
  tls?: { config: TlsServerConfig; context: SecureContextOptions };
  headers: Readonly<Record<string, string>>;
  /** bcrypt hash by user name; empty if everybody may read. */
  users: Readonly<Record<string, string>>;
}

export interface WatchedWebConfig {
  /**
   * Checks the files, so that a change applies to the next response. An invalid change is logged, the last valid state stays, and
   * the files are re-read every second.
   */
  current(): WebConfig;
}

/** A file may become readable without a new inode, size or modification time: by chmod, or if it was missing before. */
const retrySeconds = 1;

/** @throws AppError config-unreadable, config-invalid */
export async function openWebConfig(
  file: string,
  { log, signal, clock = systemClock }: { log: Logger; signal: AbortSignal; clock?: Pick<Clock, 'monotonic'> },
): Promise<WatchedWebConfig> {
  let config = interpret(await loadConfigFile(file, WebConfigFile, { signal }), file);
  let seen = fingerprint(file, config);
  let failure: { reason: string; retryAt: number } | undefined;

  function reread(): void {
    const reading = parseConfig(readFileSync(file, 'utf8'), WebConfigFile);
    if (reading.kind === 'invalid') throw new AppError('config-invalid', describeProblems(file, reading.problems));
    const next = interpret(reading.config, file);
    if (next.tls?.config.client_auth_type !== config.tls?.config.client_auth_type) {
      throw new AppError('config-invalid', `${file}: TLS was added or removed, or client_auth_type changed`, {
        hint: 'restart the process: TLS and client certificates cannot be switched on or off while it runs',
      });
    }
    config = next;
  }

  return {
    current() {
      const now = fingerprint(file, config);
      if (now === seen && (failure === undefined || clock.monotonic() < failure.retryAt)) return config;
      seen = now;
      try {
        reread();
        seen = fingerprint(file, config);
        failure = undefined;
        log.info({ file }, 'read the web config file again');
      } catch (cause) {
        const reason = (cause as Error).message;
        if (reason !== failure?.reason) {
          log.error({ file, reason }, 'cannot use the changed web config file; the previous one stays in use');
        }
        failure = { reason, retryAt: clock.monotonic() + retrySeconds };
      }
      return config;
    },
  };
}

function interpret(written: WebConfigFile, file: string): WebConfig {
  const { tls_server_config: tls, http_server_config: http, basic_auth_users: users } = written ?? {};
  const headers = Object.entries(http?.headers ?? {}).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    ...(tls && { tls: { config: tls, context: readSecureContext(tls, dirname(file)) } }),
    headers: Object.fromEntries(headers),
    users: users ?? {},
  };
}

/** A file replaced by renaming has another inode, even within one tick of the file system's clock. */
function fingerprint(file: string, { tls }: WebConfig): string {
  const files = [file, ...(tls === undefined ? [] : filesOf(tls.config, dirname(file)))];
  return files.map(stateOf).join('\n');
}

function stateOf(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (cause) {
    // Reading it again yields the error.
    return (cause as Error).message;
  }
}

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
  orFault(
    () => createSecureContext(options),
    'config-invalid',
    'the certificate and key of tls_server_config cannot be used',
    'they must be PEM files and belong to each other',
  );
  return options;
}

export function filesOf(tls: TlsServerConfig, folder: string): string[] {
  return [tls.cert_file, tls.key_file, tls.client_ca_file].flatMap((file) =>
    file === undefined ? [] : [resolve(folder, file)],
  );
}

const readPem = (file: string): string =>
  orFault(
    () => readFileSync(file, 'utf8'),
    'config-invalid',
    `cannot read ${file}`,
    'tls_server_config names it; paths are relative to the web config file',
  );

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
