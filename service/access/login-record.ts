// Records who logged in: the first page that a named user opens in twelve hours, and each session opened with the operator token.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { History } from '../history/history.ts';
import type { User } from './access.ts';
import { sessionSeconds } from './operator-token.ts';

/** Beyond this many all are forgotten, and each is recorded again at its next request. */
const mostUsers = 10_000;

export interface LoginRecord {
  /** A user of a password, certificate or proxy, who logs in with every request. */
  see(user: User): void;
  /** A session opened with the operator token. */
  open(name: string): void;
}

export function createLoginRecord(history: Pick<History, 'append'>, clock: Pick<Clock, 'now'>): LoginRecord {
  const seen = new Map<string, number>();

  function record(name: string, how: string): void {
    try {
      history.append({ kind: 'change', document: { what: 'logged-in', after: how } }, { name, through: 'page' });
    } catch (cause) {
      // A full disk must not lock anybody out; the history reports it.
      if (!(cause instanceof AppError)) throw cause;
    }
  }

  return {
    see({ name, role, via }) {
      const nowMs = clock.now().getTime();
      if (via !== 'login' || nowMs - (seen.get(name) ?? -Infinity) < sessionSeconds * 1000) return;
      if (seen.size >= mostUsers) seen.clear();
      seen.set(name, nowMs);
      record(name, role);
    },
    open: (name) => record(name, 'operator token'),
  };
}
