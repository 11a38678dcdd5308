// Reads the web config file, and re-reads it when it, a certificate or a key changes.

import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SecureContextOptions } from 'node:tls';
import { systemClock, type Clock } from '../../core/clock.ts';
import { describeProblems, loadConfigFile, parseConfig } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { filesOf, readSecureContext } from './tls-options.ts';
import { WebConfigFile, type TlsServerConfig } from './web-config.ts';

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
