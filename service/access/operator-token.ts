// Stores the token that makes a local visitor an operator if no login is configured, and signs browser sessions with it.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultAs } from '../../core/errors.ts';
import { isSameSecret } from './same-secret.ts';
import { makeFolder } from '../../core/files.ts';

export const sessionSeconds = 12 * 3600;

export type OperatorToken = ReturnType<typeof openOperatorToken>;

/** Hashed, because the cookie itself is a credential and must not be stored in a file. */
export const operatorSessionId = (cookie: string): string => createHash('sha256').update(cookie).digest('hex');

/**
 * The token survives restarts. A file that others can read is replaced, because its token may have been read.
 *
 * @throws AppError state-unwritable
 */
export function openOperatorToken(stateDirectory: string) {
  const file = join(stateDirectory, 'operator-token');
  const text = keptToken(file) ?? writeToken(stateDirectory, file);
  const signed = (session: string) =>
    `${session}.${createHmac('sha256', text).update(`session ${session}`).digest('base64url')}`;
  return {
    /** File with the token, readable only by its owner. */
    file,
    /** The token as in the link that logs a browser in. */
    text,
    isRight: (given: string) => isSameSecret(given, text),
    /** Value of a session cookie that is valid for `sessionSeconds`. */
    newSession(now: Date): string {
      const expires = Math.floor(now.getTime() / 1000) + sessionSeconds;
      // The random part separates browsers that log in within the same second, so that their sessions end separately.
      return signed(`${expires}.${randomBytes(9).toString('base64url')}`);
    },
    isSession(cookie: string, now: Date): boolean {
      const [, session, expires] = /^((\d{1,12})\.[\w-]{12})\.[\w-]{43}$/.exec(cookie) ?? [];
      if (session === undefined) return false;
      return Number(expires) * 1000 > now.getTime() && isSameSecret(cookie, signed(session));
    },
  };
}

function keptToken(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  // Windows has no such mode: permissions of the user's folder protect the file.
  const isOpen = process.platform !== 'win32' && found !== undefined && (found.mode & 0o077) !== 0;
  if (found === undefined || isOpen) return undefined;
  const [, text] = /^([\w-]{43})\n$/.exec(readFileSync(file, 'utf8')) ?? [];
  return text;
}

function writeToken(stateDirectory: string, file: string): string {
  const text = randomBytes(32).toString('base64url');
  const draft = `${file}.${process.pid}.tmp`;
  try {
    makeFolder(stateDirectory);
    // Deleted first, because `mode` does not change an existing file.
    rmSync(draft, { force: true });
    writeFileSync(draft, `${text}\n`, { mode: 0o600, flag: 'wx' });
    // If two instances with the same folder start together, the second uses the token of the first.
    if (!isLinked(draft, file)) renameSync(draft, file);
    rmSync(draft, { force: true });
  } catch (cause) {
    faultAs('state-unwritable', `cannot write the operator token ${file}`)(cause);
  }
  return keptToken(file) ?? text;
}

/** @returns whether a valid token file exists, from this or another instance; false if it must be replaced */
function isLinked(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch {
    // Some file systems do not support links.
    return keptToken(file) !== undefined;
  }
}
